import { concealItemCreateParams } from "./generated/conceal.js";
import { FieldMethods } from "./generated/fields.js";
import { Items } from "./generated/methods.js";
import {
  type AddressFieldDetails,
  AutofillBehavior,
  type FieldDraft,
  type ItemCategory,
  type ItemCreateParams,
  type ItemDraft,
  ItemFieldType,
} from "./generated/types.js";

/**
 * Builds the parameters of `items.create`, and chooses the ids of fields and sections. Added by opwire.
 *
 * @example
 * const params = new ItemBuilder(ItemCategory.Login, vaultId, "Example")
 *   .username("ada")
 *   .password("...")
 *   .website("https://example.com")
 *   .section("API")
 *   .concealed("token", "...")
 *   .build();
 * const item = await client.items.create(params);
 */
export class ItemBuilder extends FieldMethods {
  readonly #draft: ItemDraft;
  #section: string | undefined;

  constructor(category: ItemCategory | `${ItemCategory}`, vaultId: string, title: string) {
    super();
    this.#draft = {
      category: category as ItemCategory,
      vaultId,
      title,
      fields: [],
      tags: [],
      websites: [],
    };
  }

  /** Sets the user name. In a Login, it is the one that is filled in. */
  username(value: string): this {
    return this.#builtIn(ItemFieldType.Text, "username", value);
  }

  /** Sets the password. In a Login or Password, it is the one that is filled in. */
  password(value: string): this {
    return this.#builtIn(ItemFieldType.Concealed, "password", value);
  }

  /** Sets the notes. */
  notes(text: string): this {
    this.#draft.notes = text;
    return this;
  }

  /** Adds tags. */
  tag(...tags: string[]): this {
    this.#draft.tags.push(...tags);
    return this;
  }

  /** Adds a website to a Login or Password. */
  website(
    url: string,
    label = "website",
    autofillBehavior: AutofillBehavior = AutofillBehavior.AnywhereOnWebsite,
  ): this {
    this.#draft.websites.push({ url, label, autofillBehavior });
    return this;
  }

  /** Puts the fields that are added next into the section with this title. */
  section(title: string): this {
    this.#section = title;
    return this;
  }

  /**
   * Returns the parameters, with ids for all fields and sections.
   *
   * @throws {OpwireError} Something is wrong; the message lists every mistake.
   */
  build(): ItemCreateParams {
    const { category, vaultId, title, notes, tags, websites } = this.#draft;
    const params: ItemCreateParams = { category, vaultId, title, ...Items.build(this.#draft) };
    if (notes !== undefined) params.notes = notes;
    const built = { ...params, tags: [...tags], websites: [...websites] };
    concealItemCreateParams(built);
    return built;
  }

  protected field(type: ItemFieldType, title: string, value: string | AddressFieldDetails): this {
    const field: FieldDraft = { fieldType: type, title, value: "" };
    if (typeof value === "string") field.value = value;
    else field.address = value;
    if (this.#section !== undefined) field.section = this.#section;
    if (type === ItemFieldType.SshKey) field.id = "private_key";
    this.#draft.fields.push(field);
    return this;
  }

  #builtIn(fieldType: ItemFieldType, id: string, value: string): this {
    this.#draft.fields.push({ fieldType, title: id, value, id });
    return this;
  }
}
