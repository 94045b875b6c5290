/** The classes of configuration items with their attributes and relations, and what the administrator adds to them. */
import { z } from 'zod';
import { ATTRIBUTE_FORMS } from '../cmdb/classes.ts';
import { endpoint, IdParams } from './endpoint.ts';

const TITLE_LENGTH_MAX = 64;
export const OWN_OPTIONS_MAX = 100;
export const OWN_CLASSES_MAX = 500;
export const OWN_ATTRIBUTES_MAX = 2_000;

const TitleText = z.string().trim().min(1).max(TITLE_LENGTH_MAX);
/** Both languages; where one is all that people write, it stands for both. */
export const ClassTitle = z.object({ en: TitleText, zh: TitleText });
/** Begins with a letter; as it stands in exports and in the API. */
export const AttributeName = z
  .string()
  .regex(/^[a-z][a-zA-Z0-9]{0,47}$/, 'letters and digits, a small letter first');
export const ClassName = z.string().regex(/^[A-Z][a-zA-Z0-9]{0,47}$/, 'letters and digits, a capital first');

const Options = z.array(z.string().trim().min(1).max(64)).min(1).max(OWN_OPTIONS_MAX);

export const OwnClassOut = z.object({
  name: z.string(),
  parent: z.string(),
  title: ClassTitle,
  archived: z.boolean(),
});
export const OwnAttributeOut = z.object({
  id: z.string(),
  class: z.string(),
  name: z.string(),
  title: ClassTitle,
  form: z.enum(ATTRIBUTE_FORMS),
  options: z.array(z.string()).nullable(),
  unit: z.string().nullable(),
  required: z.boolean(),
  archived: z.boolean(),
});
export type OwnAttributeOut = z.infer<typeof OwnAttributeOut>;

export const SchemaClass = z.object({
  name: z.string(),
  title: ClassTitle,
  group: z.enum(['abstract', 'machine', 'part', 'record']),
  /** null: at the root. */
  parent: z.string().nullable(),
  own: z.boolean(),
  archived: z.boolean(),
  /** With the inherited ones. */
  attributes: z.array(
    z.object({
      name: z.string(),
      title: ClassTitle,
      form: z.enum(ATTRIBUTE_FORMS),
      options: z.array(z.string()).nullable(),
      unit: z.string().nullable(),
      required: z.boolean(),
      by: z.enum(['report', 'person']),
      tracked: z.boolean(),
      origin: z.string(),
      /** Id of the administrator's own attribute; null: built in. */
      ownId: z.string().nullable(),
    }),
  ),
  relations: z.array(
    z.object({
      type: z.string(),
      /** How it is read from this class. */
      title: ClassTitle,
      direction: z.enum(['from', 'to']),
      /** Classes at the other end; 'any', 'asset', 'machine', 'part' stand for groups. */
      other: z.array(z.string()),
      /** How many one CI of this class may have; null: any number. */
      max: z.number().nullable(),
      by: z.enum(['person', 'derived', 'both']),
    }),
  ),
});
export type SchemaClass = z.infer<typeof SchemaClass>;

const AttributeBody = z.object({
  class: z.string().min(1).max(64),
  name: AttributeName,
  title: ClassTitle,
  form: z.enum(ATTRIBUTE_FORMS),
  options: Options.nullable().default(null),
  unit: z.string().trim().min(1).max(16).nullable().default(null),
  required: z.boolean().default(false),
});

export const classesEndpoints = {
  classSchema: endpoint({
    id: 'classSchema',
    method: 'GET',
    path: '/ci-classes',
    right: 'read',
    tag: 'classes',
    summary: 'Every class with its attributes, inherited ones too, and its relations',
    response: z.object({
      items: z.array(SchemaClass),
      ownClasses: z.array(OwnClassOut),
      ownAttributes: z.array(OwnAttributeOut),
    }),
  }),
  createClass: endpoint({
    id: 'createClass',
    method: 'POST',
    path: '/ci-classes',
    right: 'classes.write',
    tag: 'classes',
    summary: 'A class of your own below another',
    status: 201,
    body: z.object({ name: ClassName, parent: z.string().min(1).max(64), title: ClassTitle }),
    response: OwnClassOut,
  }),
  updateClass: endpoint({
    id: 'updateClass',
    method: 'PATCH',
    path: '/ci-classes/:id',
    right: 'classes.write',
    tag: 'classes',
    summary: 'Rename a class of your own, archive it or take it back',
    params: IdParams,
    body: z.object({ title: ClassTitle.optional(), archived: z.boolean().optional() }),
    response: OwnClassOut,
  }),
  deleteClass: endpoint({
    id: 'deleteClass',
    method: 'DELETE',
    path: '/ci-classes/:id',
    right: 'classes.write',
    tag: 'classes',
    summary: 'Delete a class of your own; one in use is archived instead',
    params: IdParams,
    response: z.object({ archived: z.boolean() }),
  }),
  createAttribute: endpoint({
    id: 'createAttribute',
    method: 'POST',
    path: '/ci-attributes',
    right: 'classes.write',
    tag: 'classes',
    summary: 'An attribute of your own for a class and all below it',
    status: 201,
    body: AttributeBody,
    response: OwnAttributeOut,
  }),
  updateAttribute: endpoint({
    id: 'updateAttribute',
    method: 'PATCH',
    path: '/ci-attributes/:id',
    right: 'classes.write',
    tag: 'classes',
    summary: 'Change an attribute of your own; its name and form stay',
    params: IdParams,
    body: z.object({
      title: ClassTitle.optional(),
      options: Options.optional(),
      unit: z.string().trim().min(1).max(16).nullable().optional(),
      required: z.boolean().optional(),
      archived: z.boolean().optional(),
    }),
    response: OwnAttributeOut,
  }),
  deleteAttribute: endpoint({
    id: 'deleteAttribute',
    method: 'DELETE',
    path: '/ci-attributes/:id',
    right: 'classes.write',
    tag: 'classes',
    summary: 'Delete an attribute of your own; one that a CI has a value of is archived instead',
    params: IdParams,
    response: z.object({ archived: z.boolean() }),
  }),
};
