/** The parts of Block Kit that are used: https://docs.slack.dev/reference/block-kit */
export interface PlainText {
  readonly type: "plain_text";
  readonly text: string;
  readonly emoji: false;
}

export type RichElement =
  | { readonly type: "text"; readonly text: string; readonly style?: { readonly bold: true } }
  | { readonly type: "user"; readonly user_id: string }
  | { readonly type: "usergroup"; readonly usergroup_id: string };

export interface RichSection {
  readonly type: "rich_text_section";
  readonly elements: readonly RichElement[];
}

export interface RichList {
  readonly type: "rich_text_list";
  readonly style: "bullet";
  readonly elements: readonly RichSection[];
}

export interface RawText {
  readonly type: "raw_text";
  readonly text: string;
}

export type Block =
  | { readonly type: "header"; readonly block_id: string; readonly text: PlainText }
  | { readonly type: "section"; readonly block_id: string; readonly fields: readonly PlainText[] }
  | { readonly type: "section"; readonly block_id: string; readonly text: PlainText }
  | {
      readonly type: "rich_text";
      readonly block_id: string;
      readonly elements: readonly (RichSection | RichList)[];
    }
  | { readonly type: "context"; readonly block_id: string; readonly elements: readonly PlainText[] }
  | {
      readonly type: "actions";
      readonly block_id: string;
      readonly elements: readonly {
        readonly type: "button";
        readonly text: PlainText;
        readonly url: string;
      }[];
    }
  | {
      readonly type: "table";
      readonly block_id: string;
      readonly column_settings: readonly { readonly align: "left" | "right"; readonly is_wrapped: boolean }[];
      readonly rows: readonly (readonly RawText[])[];
    };

/** What `chat.postMessage` is given to show. */
export interface SlackMessage {
  /** What phones and screen readers show: escaped, one sentence. */
  readonly text: string;
  readonly blocks: readonly Block[];
}
