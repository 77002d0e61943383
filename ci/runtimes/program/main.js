import { serveTests } from "./page.js";

serveTests();
