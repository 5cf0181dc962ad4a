// Reads the same record again and again, over one connection: what a backfill could cost at the least.
import { Agent, get } from "node:http";
import { buffer } from "node:stream/consumers";

const [client, address, count] = process.argv.slice(2);
const agent = new Agent({ keepAlive: true, maxSockets: 1 });
const headers = {
  authorization: `Basic ${Buffer.from("WEBAPI:WEBAPI").toString("base64")}`,
  "content-type": "application/json",
};

function readByNode() {
  return new Promise((resolve, reject) => {
    get(address, { agent, headers }, (response) => void buffer(response).then(resolve, reject)).on(
      "error",
      reject,
    );
  });
}

async function reader() {
  if (client === "node") return readByNode;
  const { got } = await import("got");
  const options = { agent: { http: agent }, headers, responseType: "buffer" };
  return async () => (await got(address, options)).body;
}

const read = await reader();
for (let one = 0; one < Number(count); one += 1) JSON.parse((await read()).toString("utf8"));
agent.destroy();
