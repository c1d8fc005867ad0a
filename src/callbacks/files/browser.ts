// A page has no files, so it need not download what writes them.
import type * as node from './node.ts';
import { noFiles } from './noFiles.ts';

export const CSVLogger: typeof node.CSVLogger = () => noFiles('CSVLogger');
export const ModelCheckpoint: typeof node.ModelCheckpoint = () => noFiles('ModelCheckpoint');
export const TensorBoard: typeof node.TensorBoard = () => noFiles('TensorBoard');
