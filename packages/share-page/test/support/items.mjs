// Items to share, as clients store them.

const field = (n, t, k, v, rest = {}) => ({ n, t, k, v, ...rest });
const base64 = (text) => Buffer.from(text, "latin1").toString("base64");

/** A picture of one pixel. */
export const PNG = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);

/** With every kind of field. */
export const login = {
  templateUuid: "001",
  overview: {
    title: "Staging console",
    URLs: [{ u: "https://console.example.com/login", l: "website" }],
    tags: ["staging", "team/ops"],
  },
  details: {
    notesPlain: "Use the VPN first.\nThen sign in.",
    fields: [
      { value: "wendy", designation: "username" },
      { value: "correct-Horse7", designation: "password" },
    ],
    sections: [
      {
        name: "security",
        title: "Security",
        fields: [
          field("TOTP_1", "code", "concealed", "otpauth://totp/x?secret=JBSWY3DPEHPK3PXP"),
          field("TOTP_2", "broken code", "concealed", "otpauth://totp/x"),
          field("pin", "pin", "concealed", "4711"),
        ],
      },
      {
        name: "billing",
        title: "Billing",
        fields: [
          field("ccnum", "card", "string", "4111111111111111"),
          field("type", "card type", "cctype", "visa"),
          field("expires", "expires", "monthYear", 203001),
          field("issued", "issued", "date", 889963260),
          field("place", "place", "address", {
            street: "1 Main St",
            city: "Toronto",
            state: "ON",
            zip: "M5V 1A1",
            country: "ca",
          }),
          field("phone", "phone", "phone", "+1 416 555 0100"),
          field("mail", "mail", "email", "billing@example.com"),
          field("gender", "gender", "gender", "female"),
          field("plan", "plan", "menu", "business"),
          field("site", "site", "URL", "https://billing.example.com/"),
          field("other", "other", "reference", "ysnnoeqfxnenomijh3sm5kv3ky"),
          field("odd", "odd", "hologram", "x"),
          field("empty", "empty", "string", ""),
        ],
      },
    ],
  },
};

export const sshKey = {
  templateUuid: "114",
  overview: { title: "Deploy key" },
  details: {
    sections: [
      {
        name: "",
        title: "",
        fields: [
          field("private_key", "private key", "sshKey", "-----BEGIN PRIVATE KEY-----\nMC4CAQ==\n", {
            a: {
              sshKeyAttributes: {
                publicKey: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5",
                fingerprint: "SHA256:0bPzFfXn0tGc",
                keyType: { t: "ed25519" },
              },
            },
          }),
        ],
      },
    ],
  },
};

/** With what might do harm if it were not shown as text. */
export const hostile = {
  templateUuid: "001",
  overview: {
    title: "<img src=x onerror=\"document.title='harmed'\"> \u202efdp.exe",
    URLs: [
      { u: "javascript:document.title='harmed'", l: "<script>document.title='harmed'</script>" },
      { u: "data:text/html,<script>1</script>", l: "data" },
      { u: "https://bank.example@evil.example/", l: "bank.example" },
    ],
    tags: ["<svg onload=\"document.title='harmed'\">"],
  },
  details: {
    notesPlain: "<script>document.title='harmed'</script>\u0007\u202eabc",
    fields: [
      { value: "a\u202eb\u0001c", designation: "username" },
      { value: "\u202esecret\u200b", designation: "password" },
    ],
    sections: [
      {
        name: "s",
        title: "__proto__",
        fields: [
          field("__proto__", "constructor", "toString", "x"),
          field("long", "long".repeat(60), "string", "W".repeat(400)),
          field("link", "link", "URL", "JavaScript:document.title='harmed'"),
          5,
          null,
        ],
      },
      7,
    ],
  },
  files: [
    { name: "../\u202egnp.html", content: base64("<script>alert(1)</script>") },
    { name: "picture.png", content: base64("<svg xmlns='http://www.w3.org/2000/svg'/>") },
  ],
};
