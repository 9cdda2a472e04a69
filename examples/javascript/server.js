// Flags on a Node.js server, through the stock OFREP provider: every evaluation is one request to the edge.
//   FLAGS_URL=https://flags.example FLAGS_KEY=... node server.js
import { OpenFeature } from '@openfeature/server-sdk';
import { OFREPProvider } from '@openfeature/ofrep-provider';

const provider = new OFREPProvider({
  baseUrl: process.env.FLAGS_URL,
  headers: [['Authorization', `Bearer ${process.env.FLAGS_KEY}`]],
  timeoutMs: 2000,
});
await OpenFeature.setProviderAndWait(provider);
const client = OpenFeature.getClient();

for (const tenant of ['sales', 'legal']) {
  const context = { targetingKey: 'ada', tenant };
  const details = await client.getBooleanDetails('unified-approvals', false, context);
  console.log(`${tenant}: ${details.value} (${details.variant}, ${details.reason})`);
}
const missing = await client.getBooleanDetails('no-such-flag', true, { targetingKey: 'ada' });
console.log(`no-such-flag: ${missing.value} (${missing.errorCode})`);
await OpenFeature.close();
