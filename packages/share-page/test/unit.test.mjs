// The modules of the page against the vectors that the Rust side writes.

import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { createServer } from "node:http";
import { once } from "node:events";
import { describe, it } from "node:test";
import { page, vectors } from "./support/modules.mjs";

const share = vectors("share.json");

describe("keys", () => {
  for (const { fragment, links, uuid, token, key } of share.secrets) {
    it(`are derived from the secret of ${uuid}`, async () => {
      for (const link of [...links, fragment]) assert.equal(page.secretIn(link), fragment, link);
      const derived = await page.linkKeys(fragment);
      assert.equal(derived.uuid, uuid);
      assert.equal(derived.token, token);
      await assertOpensLike(derived.key, key);
    });
  }

  it("are derived from passwords", async () => {
    for (const { fragment, password, key, proof } of share.passwords) {
      const derived = await page.passwordKeys(fragment, password);
      assert.equal(derived.proof, proof, password);
      await assertOpensLike(derived.key, key);
    }
  });

  it("are the same for a password however it is typed", async () => {
    const [{ fragment }] = share.passwords;
    const composed = await page.passwordKeys(fragment, "\u00e9 \u30ac");
    const decomposed = await page.passwordKeys(fragment, "e\u0301 \u30ab\u3099");
    assert.equal(decomposed.proof, composed.proof);
  });

  it("are not derived from other links", () => {
    for (const link of share.refusedLinks) assert.equal(page.secretIn(link), undefined, link);
  });

  it("open what was sealed with them, and nothing else", async () => {
    for (const { fragment, password, content, tampered, overview, details } of share.items) {
      const { uuid, key: plain } = await page.linkKeys(fragment);
      const key = password === null ? plain : (await page.passwordKeys(fragment, password)).key;
      assert.deepEqual(await page.openEnvelope(key, uuid, content.encOverview), overview);
      assert.deepEqual(await page.openEnvelope(key, uuid, content.encDetails), details);
      await assert.rejects(page.openEnvelope(key, uuid, tampered));
      const other = { ...content.encDetails, kid: "a".repeat(26) };
      await assert.rejects(page.openEnvelope(key, uuid, other), TypeError);
    }
  });

  async function assertOpensLike(derived, expected) {
    const raw = page.fromBase64url(expected);
    const sealing = await crypto.subtle.importKey("raw", raw, "AES-GCM", false, ["encrypt"]);
    const how = { name: "AES-GCM", iv: new Uint8Array(12) };
    const sealed = await crypto.subtle.encrypt(how, sealing, new Uint8Array(1));
    assert.equal((await crypto.subtle.decrypt(how, derived, sealed)).byteLength, 1);
  }
});

describe("items", () => {
  const folder = new URL("../../contract/vectors/item-formats/", import.meta.url);
  const created = readdirSync(folder)
    .map((name) => ({ name, ...vectors(`item-formats/${name}`) }))
    .filter(({ expected }) => expected === "created");

  for (const { name, templateUuid, encOverview, encDetails, result } of created) {
    it(`are read as the SDK reads ${name}`, () => {
      assertReadsAs(templateUuid, encOverview, encDetails, result);
    });
  }

  it("are read as the SDK reads those of the apps", async () => {
    const { vaultKey, items } = vectors("recorded/vault-a.json");
    const expected = vectors("recorded/vault-a.expected.json");
    const key = await page.openingKey(page.fromBase64url(vaultKey.k));
    const open = (envelope) => page.openEnvelope(key, vaultKey.kid, envelope);
    for (const { uuid, templateUuid, encOverview, encDetails } of items) {
      const result = expected.items[uuid].content;
      assertReadsAs(templateUuid, await open(encOverview), await open(encDetails), result);
    }
  });

  it("of the wrong types are read as far as they can be", () => {
    for (const value of [
      null,
      5,
      "text",
      [],
      {},
      { sections: [5, null, { fields: [{}, 5] }], fields: {} },
    ]) {
      const item = page.readItem("001", value, value);
      assert.equal(item.title, "");
      assert.deepEqual(item.files, []);
      assert.deepEqual(
        item.sections.flatMap(({ fields }) => fields),
        [],
      );
    }
    const named = page.readItem(
      "__proto__",
      { title: "x" },
      { sections: [{ fields: [{ n: "toString", k: "constructor", v: "x" }] }] },
    );
    assert.equal(named.category, "Item");
    assert.equal(named.sections[1].fields[0].type, "Unsupported");
  });

  function assertReadsAs(templateUuid, overview, details, result) {
    const item = page.readItem(templateUuid, overview, details);
    assert.equal(item.title, result.title);
    assert.equal(item.notes, result.notes);
    assert.deepEqual(item.tags, result.tags);
    assert.deepEqual(
      item.websites,
      result.websites.map(({ url, label }) => ({ url, label })),
    );
    const fields = item.sections.flatMap((section) => section.fields);
    assert.deepEqual(
      fields.map(({ id, title, type, value }) => ({ id, title, type, value })),
      result.fields.map(({ id, title, fieldType: type, value }) => ({ id, title, type, value })),
    );
    for (const [at, { details: more }] of result.fields.entries()) {
      if (more?.type === "SshKey") assert.deepEqual(fields[at].sshKey, more.content ?? undefined);
      if (more?.type === "Address") assert.deepEqual(fields[at].address, more.content ?? undefined);
    }
    const files = [result.document, ...result.files.map(({ attributes }) => attributes)].filter(
      Boolean,
    );
    assert.deepEqual(
      item.files.map(({ id, name, size }) => ({ id, name, size })),
      files.map(({ id, name, size }) => ({ id, name, size })),
    );
  }
});

describe("one-time passwords", () => {
  const { secret, cases, steam, refused } = vectors("one-time-passwords.json");

  it("are computed from texts as people paste them", () => {
    const bare = page.parseTotp(secret);
    for (const { content, digits, period, algorithm } of cases) {
      const hash = algorithm.replace("SHA", "SHA-");
      assert.deepEqual(page.parseTotp(content), { ...bare, digits, period, hash }, content);
    }
    for (const { content, error } of refused) assert.equal(page.parseTotp(content), error, content);
  });

  it("have Steam's alphabet where they are Steam's", async () => {
    for (const content of steam.contents) {
      for (const [seconds, code] of Object.entries(steam.codes)) {
        assert.equal(await page.totpCode(page.parseTotp(content), Number(seconds)), code, content);
      }
    }
  });

  it("are those of RFC 6238, appendix B", async () => {
    const seed = "1234567890".repeat(7).slice(0, 64);
    const codes = {
      59: ["94287082", "46119246", "90693936"],
      1111111109: ["07081804", "68084774", "25091201"],
      20000000000: ["65353130", "77737706", "47863826"],
    };
    for (const [seconds, expected] of Object.entries(codes)) {
      for (const [at, [hash, length]] of [
        ["SHA-1", 20],
        ["SHA-256", 32],
        ["SHA-512", 64],
      ].entries()) {
        const generator = {
          secret: Buffer.from(seed.slice(0, length)),
          hash,
          digits: 8,
          period: 30,
        };
        assert.equal(
          await page.totpCode(generator, Number(seconds)),
          expected[at],
          `${hash} ${seconds}`,
        );
      }
    }
  });
});

describe("values", () => {
  it("of dates are those of UTC in every time zone", () => {
    const zone = process.env.TZ;
    for (const name of ["Pacific/Kiritimati", "Pacific/Pago_Pago", "UTC"]) {
      process.env.TZ = name;
      assert.equal(page.formatDate("1998-03-15"), "15 March 1998");
      assert.equal(page.formatMonth([2030, 1]), "January 2030");
    }
    if (zone === undefined) delete process.env.TZ;
    else process.env.TZ = zone;
  });

  it("of cards have the groups that are printed on them", () => {
    for (const [card, expected] of [
      ["4111111111111111", "4111 1111 1111 1111"],
      ["378282246310005", "3782 822463 10005"],
      ["4111-1111 1111-1111", "4111 1111 1111 1111"],
      ["6011000990139424123", "6011 0009 9013 9424 123"],
      ["1234", "1234"],
      ["not a number", "not a number"],
    ]) {
      assert.equal(page.groupCard(card), expected);
    }
  });

  it("lead to websites only", () => {
    assert.equal(page.websiteOf("https://a.example/b")?.href, "https://a.example/b");
    assert.equal(page.websiteOf("example.org")?.href, "https://example.org/");
    assert.equal(page.websiteOf("example.org:8443/x")?.href, "https://example.org:8443/x");
    const others = [
      "javascript:alert(1)",
      "JaVaScRiPt:alert(1)",
      "data:text/html,x",
      "blob:https://a.example/x",
    ];
    others.push(
      "https://bank.example@evil.example/",
      "ftp://a.example",
      "/s",
      "//a.example",
      "a b",
      "",
    );
    for (const text of others) assert.equal(page.websiteOf(text), undefined, text);
  });

  it("are names of files that harm nothing", () => {
    const names = {
      "../x.html": "_x.html",
      "..\\..\\x.exe": "_.._x.exe",
      "a\u202egnp.exe": "a_gnp.exe",
      "a\0b\n.txt": "a_b_.txt",
      "con.txt": "_con.txt",
      ".bashrc": "bashrc",
      "trailing. ": "trailing",
      "": "file",
      "...": "file",
      "Übersicht 2026.pdf": "Übersicht 2026.pdf",
    };
    for (const [name, expected] of Object.entries(names))
      assert.equal(page.safeFileName(name), expected, name);
    assert.ok(page.safeFileName(`${"x".repeat(500)}.tar`).length <= 70);
  });
});

describe("files", () => {
  const { attributes, ciphertext, content } = share.file;
  const [file] = page.readItem("006", {}, { documentAttributes: attributes }).files;
  const bytes = page.fromBase64url(ciphertext);

  it("are opened", async () => {
    assert.equal(Buffer.from(await downloaded(file, () => ({ body: bytes }))).toString(), content);
  });

  it("go on where the connection was lost", async () => {
    const ranges = [];
    const opened = await downloaded(file, ({ range }) => {
      ranges.push(range);
      const from = Number(/\d+/.exec(range ?? "0")[0]);
      const part = bytes.subarray(from, from + 20);
      const headers = { "content-range": `bytes ${from}-${bytes.length - 1}/${bytes.length}` };
      return { status: from > 0 ? 206 : 200, headers: from > 0 ? headers : {}, body: part };
    });
    assert.equal(Buffer.from(opened).toString(), content);
    assert.deepEqual(ranges, [undefined, "bytes=20-"]);
  });

  it("begin again where the server does not go on", async () => {
    let times = 0;
    const opened = await downloaded(file, () => ({
      body: times++ === 0 ? bytes.subarray(0, 9) : bytes,
    }));
    assert.equal(Buffer.from(opened).toString(), content);
  });

  it("that are damaged, too long or without their key are refused", async () => {
    const changed = bytes.slice();
    changed[3] ^= 1;
    const longer = new Uint8Array([...bytes, 0]);
    for (const body of [changed, longer])
      await assert.rejects(
        downloaded(file, () => ({ body })),
        page.Damaged,
      );
    for (const without of ["key", "nonce", "hash"]) {
      const incomplete = { ...file, [without]: "" };
      await assert.rejects(
        downloaded(incomplete, () => ({ body: bytes })),
        page.Damaged,
        without,
      );
    }
  });

  it("are pictures by their first bytes only", () => {
    const type = (text) => page.imageType(Uint8Array.from(Buffer.from(text, "latin1")).buffer);
    assert.equal(type("\x89PNG\r\n\x1a\n...."), "image/png");
    assert.equal(type("\xff\xd8\xff\xe0"), "image/jpeg");
    assert.equal(type("GIF89a"), "image/gif");
    assert.equal(type("RIFF\n\0\0\0WEBP"), "image/webp");
    for (const text of ["<svg xmlns=", "<html>", "%PDF-1.7", "BM", ""])
      assert.equal(type(text), undefined);
  });

  /** Downloads the file from a server of HTTP that answers so. The page's requests are relative to it. */
  async function downloaded(file, answer) {
    const server = createServer(({ headers }, response) => {
      const { status = 200, headers: more = {}, body } = answer(headers);
      response.writeHead(status, more).end(body);
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const fetched = globalThis.fetch;
    const { port } = server.address();
    globalThis.fetch = (path, init) => fetched(`http://127.0.0.1:${port}${path}`, init);
    try {
      const ticket = { uuid: "u", token: "t", ticket: "k" };
      return await new page.Download(ticket, file).content(() => {}, new AbortController().signal);
    } finally {
      globalThis.fetch = fetched;
      server.close();
      server.closeAllConnections();
    }
  }
});
