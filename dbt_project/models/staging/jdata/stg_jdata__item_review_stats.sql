-- comment_num is a bucket: 0 none, 1 one, 2 two to ten, 3 eleven to fifty, 4 more. It serves as the count.
select
    cast(sku_id as string) as item_id,
    cast(dt as date) as stats_date,
    cast(comment_num as decimal(18, 4)) as comment_count,
    cast(bad_comment_rate as decimal(9, 6)) as bad_review_rate,
    ds as arrival_date,
    'jdata' as source
from {{ source('jdata', 'comments') }}
