/** Prints the OpenAPI 3.1 document from the table of endpoints; pure. */
import * as access from '@muster/shared/api/access.ts';
import * as availability from '@muster/shared/api/availability.ts';
import * as cmdb from '@muster/shared/api/cmdb.ts';
import { type Endpoint, Problem } from '@muster/shared/api/endpoint.ts';
import * as fleet from '@muster/shared/api/fleet.ts';
import * as incidents from '@muster/shared/api/incidents.ts';
import * as metrics from '@muster/shared/api/metrics.ts';
import * as operations from '@muster/shared/api/operations.ts';
import { RIGHTS } from '@muster/shared/api/rights.ts';
import * as rules from '@muster/shared/api/rules.ts';
import { z } from 'zod';
import { parameterDescription } from './parameter-descriptions.ts';
import { SESSION_COOKIE } from './session-cookie.ts';

type Json = { [key: string]: unknown };
type Io = 'input' | 'output';

/** Schemas that are exported by name become named components. */
const NAMED: readonly Record<string, unknown>[] = [
  access,
  availability,
  cmdb,
  fleet,
  incidents,
  metrics,
  operations,
  rules,
  { Problem },
];

export function openApiDocument(
  endpoints: Readonly<Record<string, Endpoint>>,
  info: { version: string },
): Json {
  const components = new Components();
  const problem = components.reference(Problem, 'output');
  const paths: Record<string, Json> = {};
  for (const endpoint of Object.values(endpoints)) {
    const path = endpoint.path.replace(/:(\w+)/g, '{$1}');
    paths[path] = {
      ...paths[path],
      [endpoint.method.toLowerCase()]: operation(endpoint, components, problem),
    };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Muster',
      version: info.version,
      description:
        'Lists answer `{ items, nextCursor }`; send `nextCursor` back as `cursor` for the next page. Times are ISO 8601 in UTC. Errors are application/problem+json.',
    },
    servers: [{ url: '/api/v1' }],
    security: [{ token: [] }, { session: [] }],
    tags: [...new Set(Object.values(endpoints).map((endpoint) => endpoint.tag))].map((name) => ({ name })),
    paths,
    components: {
      schemas: components.schemas(),
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', description: 'An API token, `mst_…`.' },
        session: { type: 'apiKey', in: 'cookie', name: SESSION_COOKIE },
      },
    },
  };
}

function operation(endpoint: Endpoint, components: Components, problem: Json): Json {
  const roles = RIGHTS[endpoint.right];
  const body = bodyContent(endpoint, components);
  return {
    operationId: endpoint.id,
    tags: [endpoint.tag],
    summary: endpoint.summary,
    description: roles === null ? 'Open to everybody.' : `Roles: ${roles.join(', ')}.`,
    'x-muster-right': endpoint.right,
    'x-muster-roles': roles,
    ...(roles === null ? { security: [] } : {}),
    parameters: [
      ...parameters(endpoint, components.inline(endpoint.params, 'input'), 'path'),
      ...parameters(endpoint, components.inline(endpoint.query, 'input'), 'query'),
    ],
    ...(body === null ? {} : { requestBody: { required: true, content: body } }),
    responses: {
      [endpoint.status]:
        endpoint.status === 204
          ? { description: 'Done' }
          : {
              description: 'Done',
              content: {
                'application/json': { schema: components.reference(endpoint.response, 'output') },
                ...otherForms(endpoint),
              },
            },
      default: {
        description: 'What went wrong, and what to do',
        content: { 'application/problem+json': { schema: problem } },
      },
    },
  };
}

/** null: none. */
function bodyContent(endpoint: Endpoint, components: Components): Json | null {
  if (endpoint.binaryBody !== undefined)
    return { [endpoint.binaryBody]: { schema: { type: 'string', format: 'binary' } } };
  const schema = components.inline(endpoint.body, 'input');
  return isEmpty(schema) ? null : { 'application/json': { schema } };
}

function otherForms({ otherForms: forms = {} }: Endpoint): Json {
  return Object.fromEntries(
    Object.entries(forms).map(([mediaType, description]) => [
      mediaType,
      { schema: { type: 'string', format: 'binary', description } },
    ]),
  );
}

function parameters(endpoint: Endpoint, schema: Json, place: 'path' | 'query'): Json[] {
  const required = (schema['required'] ?? []) as string[];
  return Object.entries((schema['properties'] ?? {}) as Record<string, Json>).map(([name, property]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    description: parameterDescription(endpoint, name),
    schema: property,
  }));
}

function isEmpty(schema: Json): boolean {
  return schema['type'] === 'object' && Object.keys(schema['properties'] ?? {}).length === 0;
}

/**
 * Collects named schemas and points to them. Where a named schema takes in something else than it gives out (fields
 * with defaults), the former is called `…Input`.
 */
class Components {
  readonly #registry = z.registry<{ id: string }>();
  readonly #byName = new Map<string, z.ZodType>();
  readonly #schemas = new Map<string, Json>();
  readonly #twoFaced = new Map<string, boolean>();

  constructor() {
    for (const [id, value] of NAMED.flatMap((module) => Object.entries(module))) {
      if (!(value instanceof z.ZodType) || this.#registry.has(value)) continue;
      this.#registry.add(value, { id });
      this.#byName.set(id, value);
    }
  }

  schemas(): Json {
    return Object.fromEntries([...this.#schemas].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  /** A reference for named schemas, the schema itself for others. */
  reference(schema: z.ZodType, io: Io): Json {
    const { $defs = {}, ...rest } = this.#print(schema, io);
    for (const [id, definition] of Object.entries($defs)) {
      this.#schemas.set(this.#nameFor(id, io), this.#repoint(definition, io));
    }
    return this.#repoint(rest, io);
  }

  /** The schema itself, also where it has a name. */
  inline(schema: z.ZodType, io: Io): Json {
    const found = this.reference(schema, io);
    const target = typeof found['$ref'] === 'string' ? found['$ref'].split('/').at(-1) : undefined;
    return target === undefined ? found : (this.#schemas.get(target) ?? found);
  }

  #print(schema: z.ZodType, io: Io): Json & { $defs?: Record<string, Json> } {
    const { $schema: _dialect, ...printed } = z.toJSONSchema(schema, {
      metadata: this.#registry,
      io,
      unrepresentable: 'any',
      override: ({ jsonSchema }) => {
        // Later versions may answer more fields than a client of today knows.
        if (jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties;
      },
    });
    return printed;
  }

  #nameFor(id: string, io: Io): string {
    return io === 'input' && this.#isTwoFaced(id) ? `${id}Input` : id;
  }

  #isTwoFaced(id: string): boolean {
    const known = this.#twoFaced.get(id);
    const schema = this.#byName.get(id);
    if (known !== undefined || schema === undefined) return known ?? false;
    const faces = (['input', 'output'] as const).map((io) => JSON.stringify(this.#print(schema, io).$defs));
    this.#twoFaced.set(id, faces[0] !== faces[1]);
    return faces[0] !== faces[1];
  }

  /** `#/$defs/User` → `#/components/schemas/User`. */
  #repoint(value: Json, io: Io): Json {
    return JSON.parse(JSON.stringify(value), (key, part: unknown) =>
      key === '$ref' && typeof part === 'string'
        ? `#/components/schemas/${this.#nameFor(part.replace('#/$defs/', ''), io)}`
        : part,
    ) as Json;
  }
}
