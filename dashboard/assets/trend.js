// How the lines of parts.trend write their values: thousands set apart, at most two decimals.
window.dashMantineFunctions = { thousands: (value) => value.toLocaleString("en-GB", { maximumFractionDigits: 2 }) };
