// Prints what the official package and ours export, and the types that it leads to, as {official, opwire}, each
// {path: definition}: surface.mjs FOLDER_OF_OPWIRE.
//
// Classes, interfaces and enumerations of the official package stand in definitions by their name, other types by their
// structure: it does not matter whether a case of a union has a name of its own.

import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import ts from "typescript";

const require = createRequire(import.meta.url);
const packages = {
  official: {
    name: "@1password/sdk",
    file: require.resolve("@1password/sdk").replace(/\.js$/, ".d.ts"),
  },
  opwire: { name: process.argv[2], file: join(process.argv[2], "dist/cjs/node.d.ts") },
};
const program = ts.createProgram(
  Object.values(packages).map(({ file }) => file),
  {
    strict: true,
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    types: [],
  },
);
const checker = program.getTypeChecker();
const officialNames = typeNames(dirname(packages.official.file));
// The types whose structure is being written.
const open = new Set();

const surfaces = Object.entries(packages).map(([side, each]) => [side, surfaceOf(each)]);
console.log(JSON.stringify(Object.fromEntries(surfaces), null, 1));

function typeNames(folder) {
  const files = program.getSourceFiles().filter((file) => file.fileName.startsWith(folder));
  return new Set(files.flatMap((file) => file.statements).flatMap((each) => each.name?.text ?? []));
}

function surfaceOf({ name, file }) {
  const surface = {};
  const values = require(name);
  const symbols = exportsOf(file);
  const found = (symbol) => {
    if (isIn(symbol, dirname(file))) symbols.set(symbol.name, symbol);
  };
  for (const [path, symbol] of symbols) {
    const isConstant = ["number", "string"].includes(typeof values[path]);
    if (isConstant) surface[path] = `const ${JSON.stringify(values[path])}`;
    else define(surface, path, symbol, found);
  }
  return surface;
}

function exportsOf(file) {
  const module = checker.getSymbolAtLocation(program.getSourceFile(file));
  const symbols = checker
    .getExportsOfModule(module)
    .map((symbol) => [
      symbol.name,
      symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol,
    ]);
  return new Map(symbols);
}

function define(surface, path, symbol, found) {
  if (symbol.flags & ts.SymbolFlags.Enum) {
    surface[path] = "enum";
    for (const [name, member] of symbol.exports) {
      surface[`${path}.${name}`] = JSON.stringify(
        checker.getConstantValue(member.valueDeclaration),
      );
    }
  } else if (symbol.flags & ts.SymbolFlags.Class) {
    defineClass(surface, path, symbol, found);
  } else if (symbol.flags & ts.SymbolFlags.Interface) {
    surface[path] = "interface";
    defineMembers(surface, path, checker.getDeclaredTypeOfSymbol(symbol), found);
  } else if (symbol.flags & ts.SymbolFlags.TypeAlias) {
    surface[path] = `type ${structure(checker.getDeclaredTypeOfSymbol(symbol), found)}`;
  } else {
    surface[path] = structure(checker.getTypeOfSymbol(symbol), found);
  }
}

function defineClass(surface, path, symbol, found) {
  const constructor = checker.getTypeOfSymbol(symbol);
  const declared = checker.getDeclaredTypeOfSymbol(symbol);
  surface[path] = isError(declared) ? "class, an Error" : "class";
  for (const signature of constructor.getConstructSignatures()) {
    // What it takes of the package's own is not for programs, and leads to all that is internal.
    surface[`${path}.constructor`] = parameters(signature, () => {});
  }
  for (const property of constructor.getProperties().filter(isOwn)) {
    if (property.name !== "prototype") {
      surface[`${path}.${property.name}`] =
        `static ${show(checker.getTypeOfSymbol(property), found)}`;
    }
  }
  defineMembers(surface, path, declared, found);
}

function isError(type) {
  return type.symbol.name === "Error" || (checker.getBaseTypes(type) ?? []).some(isError);
}

function defineMembers(surface, path, type, found) {
  for (const property of type.getProperties().filter(isOwn)) {
    if (type.isClass() && isError(type) && ["name", "message"].includes(property.name)) continue;
    const optional = property.flags & ts.SymbolFlags.Optional ? "optional " : "";
    const name = property.name.startsWith("__@")
      ? `[Symbol.${property.name.slice(3).split("@")[0]}]`
      : property.name;
    surface[`${path}.${name}`] = optional + show(checker.getTypeOfSymbol(property), found);
  }
}

// Not private, and not of the language's own classes.
function isOwn(property) {
  return !property.name.startsWith("#") && !property.declarations?.every(isOfLibrary);
}

function isOfLibrary(declaration) {
  return program.isSourceFileDefaultLibrary(declaration.getSourceFile());
}

function isIn(symbol, folder) {
  return symbol.declarations[0].getSourceFile().fileName.startsWith(folder);
}

function show(type, found) {
  const alias = type.aliasSymbol?.declarations.some(isOfLibrary) ? type.aliasSymbol : undefined;
  const symbol = alias ?? type.symbol;
  const notNamed = ts.SymbolFlags.TypeLiteral | ts.SymbolFlags.EnumMember;
  const isType = symbol?.flags & (ts.SymbolFlags.Type & ~notNamed);
  const byName =
    isType && (officialNames.has(symbol.name) || symbol.declarations.some(isOfLibrary));
  // A type that leads back to itself, such as a builder, is called by its name there.
  if (!byName && open.has(symbol)) return symbol.name;
  if (!byName) return within(symbol, () => structure(type, found));
  found(symbol);
  const generic = (alias && type.aliasTypeArguments) ?? checker.getTypeArguments(type);
  // What a typed array stands on differs with the version of the compiler's library.
  if (!generic.length || symbol.name === "Uint8Array") return symbol.name;
  return `${symbol.name}<${generic.map((each) => show(each, found)).join(", ")}>`;
}

function within(symbol, write) {
  const isNamed = symbol && !symbol.name.startsWith("__");
  if (isNamed) open.add(symbol);
  const written = write();
  if (isNamed) open.delete(symbol);
  return written;
}

function structure(type, found) {
  if (type.flags & ts.TypeFlags.BooleanLike) return "boolean";
  if (type.isUnion()) {
    const members = type.types
      .filter((each) => !(each.flags & ts.TypeFlags.Undefined))
      .map((each) => show(each, found));
    return [...new Set(members)].sort().join(" | ");
  }
  const [signature] = type.getCallSignatures();
  if (signature)
    return `${parameters(signature, found)} => ${show(signature.getReturnType(), found)}`;
  if (!(type.flags & ts.TypeFlags.Object)) return checker.typeToString(type);
  const members = type.getProperties().map((property) => {
    const optional = property.flags & ts.SymbolFlags.Optional ? "?" : "";
    return `${property.name}${optional}: ${show(checker.getTypeOfSymbol(property), found)}`;
  });
  return `{ ${members.join("; ")} }`;
}

function parameters(signature, found) {
  const all = signature.getParameters().map((parameter) => {
    const declaration = parameter.valueDeclaration;
    const rest = declaration.dotDotDotToken ? "..." : "";
    const optional = checker.isOptionalParameter(declaration) && !rest ? "?" : "";
    return `${rest}${parameter.name}${optional}: ${show(checker.getTypeOfSymbol(parameter), found)}`;
  });
  return `(${all.join(", ")})`;
}
