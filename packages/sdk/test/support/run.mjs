import { execFile } from "node:child_process";

/** Runs a program of Node to its end. */
export function runProgram(file, env, cwd) {
  const options = { env: { ...process.env, ...env }, cwd };
  return new Promise((resolve) => {
    execFile(process.execPath, [file], options, (error, stdout, stderr) => {
      resolve({ status: error ? error.code : 0, stdout, stderr });
    });
  });
}
