/** A turn of the timers. A message comes first: a timer that a timer sets waits four milliseconds after the fifth. */
export const task = () =>
  new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      setTimeout(resolve);
    };
    port2.postMessage(0);
  });
