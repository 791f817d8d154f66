// Opens GraphiQL on this server. The key goes into the headers, is sent with every request, and is kept nowhere.
const fetcher = GraphiQL.createFetcher({ url: '/graphql' });
const query = '# Put your key into the headers below, then ask.\n{\n  charges(limit: 10) {\n    id\n    amount\n    status\n    customer {\n      name\n    }\n  }\n}\n';
ReactDOM.createRoot(document.getElementById('graphiql')).render(
  React.createElement(GraphiQL, {
    fetcher,
    defaultQuery: query,
    defaultHeaders: '{\n  "Authorization": "Bearer sk_test_…"\n}',
    defaultEditorToolsVisibility: 'headers',
    shouldPersistHeaders: false,
  }),
);
