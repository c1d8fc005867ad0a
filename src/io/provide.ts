// Hands the file formats to the models, which stand below them; loaded when the first file is read or written.
import { provideFiles } from '../models/files.ts';

provideFiles(async () => (await import('./files.ts')).files);
