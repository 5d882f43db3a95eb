const worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
worker.onmessage = ({ data }) => (document.getElementById("verdict").textContent = data);
worker.postMessage('{"timezone":"PST"}');
