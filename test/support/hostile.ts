import type { World } from "./world.ts";

/** A text that somebody might type, and how people read it in Slack afterwards. */
export interface HostileText {
  readonly id: string;
  readonly typed: string;
  /** What must stand there; as typed when absent. */
  readonly shown?: string;
}

const bidi = "\u202A\u202B\u202C\u202D\u202E\u2066\u2067\u2068\u2069\u200E\u200F\u061C";
const invisible = "\u200B\u2060\uFEFF\u00AD\u034F\u{E0001}\u{E0041}\u{E007F}";
const family = "\u{1F468}\u200D\u{1F469}\u200D\u{1F467}";

export const hostileTexts: readonly HostileText[] = [
  { id: "H01", typed: "<!channel> <!here> <!everyone> <@U123> <!subteam^S1> <#C1>" },
  { id: "H01", typed: "@channel @here @everyone @controllers #finance" },
  {
    id: "H02",
    typed: "<https://evil.example|Invoice 123> https://evil.example/a mailto:a@evil.example slack://open",
  },
  { id: "H03", typed: "*bold* _i_ ~s~ `code` > quote ``` - list • item :bomb: 1. one" },
  { id: "H04", typed: "&lt;!channel&gt; &amp; &amp;lt; & < >" },
  {
    id: "H05",
    typed: "a\u0000b\u0007c\rd\u001B[2Je\u001B]8;;https://evil.example\u0007f\u007Fg\u009B31mh\u0085i\nj\tk",
    shown: "a b c d [2Je ]8;;https://evil.example f g 31mh i j k",
  },
  { id: "H06", typed: `USD 5${bidi}00${invisible}.00`, shown: "USD 500.00" },
  { id: "H08", typed: `${family} e\u0301 \u{1F1FA}\u{1F1F8} \u{1F3F3}\uFE0F\u200D\u{1F308}` },
  { id: "H09", typed: "a\uD800b\uDC00c", shown: "a\uFFFDb\uFFFDc" },
  { id: "H11", typed: "__proto__" },
  { id: "H11", typed: "constructor" },
  { id: "H11", typed: "hasOwnProperty toString prototype" },
  { id: "H12", typed: "a/b?c#d%e&f+g'h\"i j,k=l..%2f../x" },
  { id: "H15", typed: '=HYPERLINK("https://evil.example") +cmd|calc @SUM(A1)' },
  {
    id: "H16",
    typed: 'x\n{"level":"error","msg":"forged"}\r\nsage-slack: forged',
    shown: 'x {"level":"error","msg":"forged"} sage-slack: forged',
  },
  { id: "H17", typed: "{{constructor.constructor('return process')()}} ${process.env.HOME} %s %n {company}" },
  { id: "H18", typed: "v1:SAMINC:ap-invoices:1:1@rev · 3 of 7 • , and 12 more in the thread" },
  { id: "H20", typed: "\u8336\u8535\uFF92 \uE000\uF8FF \uFFFD ﾃｽﾄ" },
];

/** Keys one record into every source, with the text in every field that a person can fill. */
export function keyInEverywhere({ sage }: World, text: string): void {
  const books = sage.company("SAMINC");
  const line = { account: text, amount: "10.00", description: text };
  books.addVendor({ VendorNumber: "9000", VendorName: text, GroupCode: text });
  books.addCustomer({ CustomerNumber: "9100", CustomerName: text, GroupCode: text });
  books.addAccount({ UnformattedAccount: text, AccountNumber: text, Description: text });
  const typed = { description: text, enteredBy: text };
  const entry = { amount: "10.00", description: text, EnteredBy: text, Comment: text };
  books.addInvoiceBatch({
    ...typed,
    invoices: [
      { ...entry, vendor: "9000", documentNumber: text, PONumber: text, OrderNumber: text, lines: [line] },
      // A code that nobody has set up: it is looked up by its name.
      { ...entry, vendor: text, documentNumber: text, VendorName: "", VendorGroupCode: text },
    ],
  });
  books.addPaymentBatch({
    ...typed,
    bank: text,
    payments: [
      {
        ...entry,
        vendor: "9000",
        payee: text,
        checkNumber: text,
        EntryReference: text,
        appliedTo: [{ documentNumber: text, amount: "10.00" }],
      },
      { ...entry, vendor: text, payee: "", checkNumber: "1", type: "MiscellaneousPayment", lines: [line] },
    ],
  });
  books.addJournalBatch({
    ...typed,
    entries: [
      {
        description: text,
        sourceType: text,
        EnteredBy: text,
        lines: [line, { account: "1020", amount: "-10.00", description: text }],
      },
    ],
  });
  books.addReceiptBatch({
    ...typed,
    bank: text,
    DepositComment: text,
    receipts: [
      {
        ...entry,
        customer: "9100",
        checkNumber: text,
        reference: text,
        EntryDescription: text,
        Payer: text,
        DocumentNumber: text,
        appliedTo: [{ documentNumber: text, amount: "10.00" }],
      },
      { ...entry, customer: text, checkNumber: "1", Payer: "", reference: text },
    ],
  });
  books.addPurchaseOrder({
    number: text,
    vendor: "9000",
    description: text,
    buyer: text,
    Reference: text,
    Comment: text,
    Contact: text,
    lines: [{ item: text, quantity: "1", unitCost: "10.00", description: text }],
  });
}

/** What a terminal obeys or hides: nothing of it may be in what the program writes. Line feeds end lines. */
export const unsafe =
  /[\u0000-\u0009\u000B-\u001F\u007F-\u009F\u2028\u2029\uFFF9-\uFFFB\uD800-\uDFFF]|\p{Default_Ignorable_Code_Point}/u;
