export type { DatasetInfo, DatasetName } from "./dataset.js";
export type { DownloadProgress } from "./download/download-file.js";
export { DatasetFileError, DatasetRowError, DownloadError } from "./errors.js";
export { type DatasetFingerprint, loadDataset, type LoadDatasetOptions, type LoadedDataset } from "./load-dataset.js";
export { type CacheState, inspectCache } from "./hub/inspect-cache.js";
export { DATASETS, findDataset } from "./registry.js";
export type { HubOptions } from "./source-resolver.js";
