/* Browsers refuse workers to a page opened from a folder; its search then runs in a hidden frame. Material would fetch
   such a stand-in from another host. In: the address of a worker's script. Out: what Worker gives, as far as search asks. */
if (location.protocol === "file:") {
  window.Worker = class extends EventTarget {
    constructor(address) {
      super()
      const script = new URL(address, document.baseURI)
      const frame = document.createElement("iframe")
      frame.hidden = true
      document.body.append(frame)
      this.inside = frame.contentWindow
      const load = url => new Promise((done, failed) => {
        const tag = this.inside.document.createElement("script")
        Object.assign(tag, { src: new URL(url, script), onload: done, onerror: failed })
        this.inside.document.head.append(tag)
      })
      this.inside.importScripts = (...urls) => urls.reduce((before, url) => before.then(() => load(url)), Promise.resolve())
      this.inside.postMessage = data => this.dispatchEvent(new MessageEvent("message", { data }))
      this.ready = load(script)
    }

    postMessage(data) {
      this.ready.then(() => this.inside.dispatchEvent(new MessageEvent("message", { data })))
    }
  }
}
