// Flags in a browser, through the stock OFREP web provider: one request for all flags of one person, then no more
// until the edge says over its stream that something changed. Node.js runs it too, which is how it is tested.
//   FLAGS_URL=https://flags.example FLAGS_KEY=... node web.js
import { OpenFeature, ProviderEvents } from '@openfeature/web-sdk';
import { OFREPWebProvider } from '@openfeature/ofrep-web-provider';

const provider = new OFREPWebProvider({
  baseUrl: process.env.FLAGS_URL,
  headers: [['Authorization', `Bearer ${process.env.FLAGS_KEY}`]], // in a page: a browser key, bound to the page's origin
  pollInterval: 500, // for where there is no EventSource; a browser listens instead
  cacheMode: 'disabled',
});
const context = { targetingKey: 'ada', tenant: 'legal' };
await OpenFeature.setProviderAndWait(provider, context);
const client = OpenFeature.getClient();

const show = () => console.log(`legal: ${client.getBooleanValue('unified-approvals', false)}`);
show();
await OpenFeature.setContext({ targetingKey: 'ada', tenant: 'sales' });
console.log(`sales: ${client.getBooleanValue('unified-approvals', false)}`);

await OpenFeature.setContext(context);
client.addHandler(ProviderEvents.ConfigurationChanged, async () => {
  show();
  await OpenFeature.close();
  process.exit(0);
});
console.log('waiting for a change');
