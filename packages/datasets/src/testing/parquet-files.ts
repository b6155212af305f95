import { type ColumnSource, parquetWriteBuffer, type SchemaElement } from "hyparquet-writer";

const text = (name: string): SchemaElement => ({
  name,
  type: "BYTE_ARRAY",
  converted_type: "UTF8",
  repetition_type: "OPTIONAL",
});

/** The three levels in which pyarrow writes `list<string>`. */
const list = (name: string): SchemaElement[] => [
  { name, converted_type: "LIST", repetition_type: "OPTIONAL", num_children: 1 },
  { name: "list", repetition_type: "REPEATED", num_children: 1 },
  text("element"),
];

/** A parquet file of text columns. */
export function textParquet(
  columns: Readonly<Record<string, readonly (string | null)[]>>,
  rowGroupSize = 1000,
): Buffer {
  const columnData: ColumnSource[] = Object.entries(columns).map(([name, data]) => ({
    name,
    data: [...data],
    type: "STRING",
  }));
  return Buffer.from(parquetWriteBuffer({ columnData, rowGroupSize }));
}

export interface TriviaQaRow {
  readonly question: string | null;
  readonly answer: {
    readonly aliases: readonly string[];
    readonly normalized_aliases: readonly (string | null)[] | null;
    readonly value: string;
  } | null;
}

/** A parquet file in the nested shape of TriviaQA. */
export function triviaqaParquet(rows: readonly TriviaQaRow[], rowGroupSize = 1000): Buffer {
  const schema: SchemaElement[] = [
    { name: "root", num_children: 3 },
    text("question"),
    text("question_id"),
    { name: "answer", repetition_type: "OPTIONAL", num_children: 3 },
    ...list("aliases"),
    ...list("normalized_aliases"),
    text("value"),
  ];
  const columnData: ColumnSource[] = [
    { name: "question", data: rows.map(({ question }) => question) },
    { name: "question_id", data: rows.map((_, i) => `id_${i}`) },
    { name: "answer", data: rows.map(({ answer }) => answer) },
  ];
  return Buffer.from(parquetWriteBuffer({ columnData, schema, rowGroupSize }));
}
