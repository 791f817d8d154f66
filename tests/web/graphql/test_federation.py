"""The schema as a subgraph: it tells itself, finds entities, and Apollo's own tools compose and query it."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from payments_web.graphql.schema import build_schema
from tests.support.server import Server
from tests.web.graphql.asking import Asker

COMPOSE = """
const { composeServices } = require('@apollo/composition');
const { ApolloGateway, LocalGraphQLDataSource, RemoteGraphQLDataSource } = require('@apollo/gateway');
const { parse } = require('graphql');
const fs = require('fs');
const [url, key, customer] = process.argv.slice(2);
class Keyed extends RemoteGraphQLDataSource {
  willSendRequest({ request }) { request.http.headers.set('authorization', 'Bearer ' + key); }
}
const notes = `
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key"])
  type Query { notes: [Note] }
  type Note { text: String customer: Customer }
  type Customer @key(fields: "id", resolvable: false) { id: ID! }`;
(async () => {
  const ours = fs.readFileSync('subgraph.graphql', 'utf8');
  const composed = composeServices([
    { name: 'payments', url: url + '/graphql', typeDefs: parse(ours) },
    { name: 'notes', url: 'http://notes.invalid', typeDefs: parse(notes) },
  ]);
  if (composed.errors) throw new Error(composed.errors.map(String).join('\\n'));
  const { buildSubgraphSchema } = require('@apollo/subgraph');
  const resolvers = { Query: { notes: () => [{ text: 'kind', customer: { id: customer } }] } };
  const local = new LocalGraphQLDataSource(buildSubgraphSchema({ typeDefs: parse(notes), resolvers }));
  const gateway = new ApolloGateway({
    supergraphSdl: composed.supergraphSdl,
    buildService: ({ name, url }) => name === 'notes' ? local : new Keyed({ url }),
  });
  const { executor } = await gateway.load();
  const query = '{ notes { text customer { name email } } }';
  const answer = await executor({
    request: { query }, document: parse(query), operationName: null, queryHash: 'x', context: {},
    schema: gateway.schema, cache: undefined, logger: console,
  });
  console.log(JSON.stringify(answer));
  process.exit(0);
})().catch((error) => { console.error(error); process.exit(1); });
"""


@pytest.mark.anyio
async def test_entities_are_found_by_type_and_id_in_one_look_up(asker: Asker) -> None:
    customer = await asker.rest("POST", "/v1/customers", name="Jenny")
    text = (
        "query($r: [_Any!]!) { _entities(representations: $r) "
        "{ __typename ... on Customer { id name } ... on Charge { amount } } }"
    )
    wanted = [
        {"__typename": "Customer", "id": customer["id"]},
        {"__typename": "Charge", "id": "ch_nobody"},
        {"__typename": "Customer", "id": customer["id"]},
    ]

    found = (await asker.ask(text, {"r": wanted}))["_entities"]

    jenny = {"__typename": "Customer", "id": customer["id"], "name": "Jenny"}
    assert found == [jenny, None, jenny]


@pytest.mark.anyio
async def test_the_subgraph_tells_its_entities(asker: Asker) -> None:
    told = (await asker.ask("{ _service { sdl } }"))["_service"]["sdl"]

    assert 'type Customer @key(fields: "id") {' in told
    assert "@link(url:" in told
    assert "_entities" not in told


@pytest.mark.anyio
async def test_an_entity_that_is_none_is_refused(asker: Asker) -> None:
    told = await asker.answer(
        '{ _entities(representations: [{__typename: "Address", id: "x"}]) { __typename } }'
    )

    assert told["errors"][0]["message"] == "An entity is named by its __typename and its id."


@pytest.mark.slow
def test_apollos_gateway_composes_and_joins(server: Server, tmp_path: Path) -> None:
    if os.environ.get("CI") == "true" or shutil.which("npm") is None:
        pytest.skip("needs npm and its registry")
    packages = ["@apollo/composition@2", "@apollo/gateway@2", "@apollo/subgraph@2", "graphql@16"]
    installed = subprocess.run(
        ["npm", "install", "--no-audit", "--no-fund", "--prefix", str(tmp_path), *packages],
        capture_output=True,
        timeout=180,
        check=False,
    )
    if installed.returncode != 0:
        pytest.skip("Apollo's packages cannot be had here")
    keys = server.account()
    customer = server.stripe(keys.secret_key).v1.customers.create({"name": "Jenny", "email": "j@example.com"})
    service = build_schema().query_type
    assert service is not None
    told = service.fields["_service"].resolve(None, None)["sdl"]
    (tmp_path / "subgraph.graphql").write_text(told)
    (tmp_path / "compose.js").write_text(COMPOSE)

    done = subprocess.run(
        ["node", "compose.js", server.url, keys.secret_key, customer.id],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert done.returncode == 0, done.stderr[-4_000:]
    answer = json.loads(done.stdout.strip().splitlines()[-1])
    assert answer["data"] == {
        "notes": [{"text": "kind", "customer": {"name": "Jenny", "email": "j@example.com"}}]
    }
