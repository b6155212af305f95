import { quote } from "@pka/core";
import { type FileMetaData, parquetSchema, type SchemaElement, type SchemaTree } from "hyparquet";
import { DatasetFileError } from "../errors.js";

/**
 * The metadata without every column that is not asked for. hyparquet selects whole top-level columns; dropping a struct's
 * other members from the metadata is what keeps it from reading them.
 *
 * @param optional - Kept where they are there.
 * @throws DatasetFileError when one of `columns` is missing.
 */
export function pruneColumns(
  file: string,
  metadata: FileMetaData,
  columns: readonly string[],
  optional: readonly string[],
): FileMetaData {
  if (metadata.schema.some(({ name }) => name === "__proto__")) {
    throw new DatasetFileError(file, 'has a column named "__proto__"');
  }
  const tree = parquetSchema(metadata);
  const present = leafPaths(tree);
  for (const column of columns) {
    if (!present.some((path) => startsWith(path, column))) {
      throw new DatasetFileError(file, `has no column "${column}"; it has ${quote(present.join(", "))}`);
    }
  }
  const isWanted = (path: string): boolean =>
    [...columns, ...optional].some((column) => startsWith(path, column) || startsWith(column, path));
  return {
    ...metadata,
    schema: keep(tree, isWanted),
    row_groups: metadata.row_groups.map((group) => ({
      ...group,
      columns: group.columns.filter((column) => isWanted(column.meta_data?.path_in_schema.join(".") ?? "")),
    })),
  };
}

/** The flat, depth-first list of schema elements that stays. */
function keep(node: SchemaTree, isWanted: (path: string) => boolean): SchemaElement[] {
  const children = node.children.filter((child) => isWanted(child.path.join(".")));
  const element = node.children.length > 0 ? { ...node.element, num_children: children.length } : node.element;
  return [element, ...children.flatMap((child) => keep(child, isWanted))];
}

function leafPaths(node: SchemaTree): string[] {
  return node.children.length === 0 ? [node.path.join(".")] : node.children.flatMap(leafPaths);
}

/** Is `path` the column `prefix` or inside it? */
function startsWith(path: string, prefix: string): boolean {
  return path === prefix || path.startsWith(`${prefix}.`);
}
