// The large-transfer rule for forta-agent: a transfer of the token from or to the vault of at least a million units.
const { Finding, FindingSeverity, FindingType } = require("forta-agent");

const event = "event Transfer(address indexed from, address indexed to, uint256 value)";
const token = process.env.BENCH_TOKEN.toLowerCase();
const vault = process.env.BENCH_VAULT.toLowerCase();
const threshold = 10n ** 18n * 1_000_000n;

const handleTransaction = async txEvent => {
  const large = txEvent.filterLog(event, token).some(log =>
    (log.args.from.toLowerCase() === vault || log.args.to.toLowerCase() === vault)
    && log.args.value.toBigInt() >= threshold);
  return large
    ? [Finding.fromObject({
        name: "Large transfer",
        description: "at least a million units from or to the vault",
        alertId: "LARGE-TRANSFER",
        severity: FindingSeverity.High,
        type: FindingType.Suspicious,
        metadata: { transaction: txEvent.hash },
      })]
    : [];
};

module.exports = { handleTransaction };
