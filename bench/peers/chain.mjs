// One Anvil with 100 blocks of 200 token transfers each, a few of them large and from or to the protected vault.
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";

export const blocks = 100;
export const transactionsPerBlock = 200;
const unit = 10n ** 18n;

export async function startChain(root) {
  const port = await freePort();
  const anvil = spawn(
    join(root, "node_modules/@foundry-rs", `anvil-${platform()}`, "bin/anvil"),
    ["--port", `${port}`, "--no-mining", "--silent", "--gas-limit", "1000000000", "--order", "fifo"],
    { stdio: ["ignore", "ignore", "inherit"] });
  const url = `http://127.0.0.1:${port}`;
  const node = request(url);
  await untilAnswering(node);
  const chain = await fill(root, node);
  return { url, ...chain, stop: () => anvil.kill() };
}

async function fill(root, node) {
  const accounts = await node("eth_accounts", []);
  const artifact = JSON.parse(readFileSync(join(root, "contracts/artifacts/DemoToken.json"), "utf8"));
  const token = await deploy(node, accounts[0], artifact.bytecode + constructorWords("Bench", "BEN", 18));
  const vault = await deploy(node, accounts[0], artifact.bytecode + constructorWords("Vault", "VLT", 18));
  for (const account of accounts)
    await node("eth_sendTransaction", [call(accounts[0], token, "40c10f19", account, 10n ** 12n * unit)]);
  await node("evm_mine", []);
  const first = Number(await node("eth_blockNumber", [])) + 1;
  const random = generator(20261120);
  // Anvil takes a batch in any order, so the nonces are ours.
  const nonces = await Promise.all(
    accounts.map(async account => Number(await node("eth_getTransactionCount", [account, "latest"]))));
  for (let block = 0; block < blocks; block++) {
    const sends = [];
    const large = new Set();
    for (let index = 0; index < transactionsPerBlock; index++) {
      const sender = index % accounts.length;
      let kind = random() % 100;
      // Large to the vault, large between strangers (no finding), small to the vault (no finding), small. Tocsin
      // revises the finding of an account once a block, so that each has at most one large transfer in a block.
      if (kind === 0 && large.size === large.add(sender).size)
        kind = 2;
      const [to, amount] = kind === 0 ? [vault, 1_500_000n]
        : kind === 1 ? [address(random()), 2_000_000n]
          : kind < 20 ? [vault, 500n] : [address(random()), BigInt(1 + (random() % 5000))];
      sends.push(["eth_sendTransaction", [{
        ...call(accounts[sender], token, "a9059cbb", to, amount * unit), nonce: `0x${(nonces[sender]++).toString(16)}`,
      }]]);
    }
    await node.batch(sends);
    await node("evm_mine", []);
  }
  return { token, vault, first, last: first + blocks - 1 };
}

async function deploy(node, from, data) {
  const hash = await node("eth_sendTransaction", [{ from, data, gas: "0x4c4b40" }]);
  await node("evm_mine", []);
  return (await node("eth_getTransactionReceipt", [hash])).contractAddress;
}

function call(from, to, selector, account, amount) {
  const words = account.slice(2).padStart(64, "0") + amount.toString(16).padStart(64, "0");
  return { from, to, data: `0x${selector}${words}`, gas: "0x186a0" };
}

function constructorWords(name, symbol, decimals) {
  const word = value => value.toString(16).padStart(64, "0");
  const text = value => word(value.length) + Buffer.from(value).toString("hex").padEnd(64, "0");
  return word(0x60) + word(0xa0) + word(decimals) + text(name) + text(symbol);
}

function request(url) {
  let id = 0;
  const post = async body => {
    const answer = await fetch(url, {
      method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
    return await answer.json();
  };
  const node = async (method, params) => result(await post({ jsonrpc: "2.0", id: ++id, method, params }));
  node.batch = async calls => (await post(
    calls.map(([method, params]) => ({ jsonrpc: "2.0", id: ++id, method, params })))).map(result);
  return node;
}

function result(answer) {
  if (answer.error)
    throw new Error(answer.error.message);
  return answer.result;
}

async function untilAnswering(node) {
  for (let attempt = 0; ; attempt++) {
    try {
      return await node("eth_chainId", []);
    } catch (error) {
      if (attempt === 200)
        throw error;
      await new Promise(resolve => setTimeout(resolve, 50));
    }
  }
}

function freePort() {
  return new Promise(resolve => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

// A small generator with a seed, so that each run has the same chain (Park and Miller, 1988).
function generator(seed) {
  let state = seed % 2147483647;
  return () => (state = (state * 48271) % 2147483647);
}

const address = number => `0x${number.toString(16).padStart(40, "5")}`;

const platform = () =>
  `${process.platform === "darwin" ? "darwin" : "linux"}-${process.arch === "arm64" ? "arm64" : "amd64"}`;
