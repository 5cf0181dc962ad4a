/** Vendors, customers and accounts of the sample companies. */
export interface SampleParty {
  readonly number: string;
  readonly name: string;
  readonly currency: string;
  readonly group: string;
  readonly city: string;
}

export const sampleVendors: readonly SampleParty[] = [
  { number: "1200", name: "Chloride Systems", currency: "USD", group: "INV", city: "Kansas City" },
  { number: "1350", name: "Excide Industrial Batteries", currency: "USD", group: "INV", city: "Portland" },
  { number: "1400", name: "Coastal Heating of Ottawa", currency: "CAD", group: "INV", city: "Ottawa" },
  { number: "1500", name: "Gould Manufacturing Ltd.", currency: "USD", group: "INV", city: "Seattle" },
  { number: "1890", name: "Harbour Equipment Rental", currency: "EUR", group: "EQUIP", city: "Rotterdam" },
  { number: "2010", name: "Thames Valley Freight", currency: "GBP", group: "SERV", city: "Reading" },
  { number: "2020", name: "Osaka Precision", currency: "JPY", group: "INV", city: "Osaka" },
];

export const sampleCustomers: readonly SampleParty[] = [
  { number: "1100", name: "Bargain Mart - San Diego", currency: "USD", group: "RTL", city: "Anytown" },
  { number: "1105", name: "Bargain Mart - Oakland", currency: "USD", group: "RTL", city: "Anytown" },
  { number: "1200", name: "Mr. Ronald Black", currency: "USD", group: "RTL", city: "Los Angeles" },
  { number: "1210", name: "ACME Plumbing", currency: "USD", group: "WHL", city: "Kansas City" },
  { number: "1240", name: "The Courtyard", currency: "USD", group: "WHL", city: "Fairbanks" },
  { number: "1400", name: "Coastal Electric Company", currency: "CAD", group: "WHL", city: "Toronto" },
  { number: "1500", name: "Custom Comfort", currency: "CAD", group: "WHL", city: "Richmond" },
  { number: "1580", name: "Break-Away Designs", currency: "USD", group: "WHL", city: "Sacramento" },
  { number: "7200", name: "CanAm Industries", currency: "CAD", group: "WHL", city: "Toronto" },
  { number: "7300", name: "The Royal Cavendish Co.", currency: "GBP", group: "WHL", city: "London" },
  { number: "7400", name: "The Yoshida Gardens", currency: "JPY", group: "WHL", city: "Tokyo" },
  { number: "BARMART", name: "Bargain Mart Stores Inc.", currency: "USD", group: "WHL", city: "Anytown" },
];

/** Only 1300 and the account set are documented; the other descriptions are this sandbox's own. */
export const sampleAccounts: readonly { readonly number: string; readonly description: string }[] = [
  { number: "1000", description: "Petty cash" },
  { number: "1020", description: "Bank account" },
  { number: "1300", description: "Inventory" },
  { number: "1440", description: "Prepaid expenses" },
  { number: "2015", description: "Accrued liabilities" },
  { number: "2025", description: "Accounts payable, Other" },
  { number: "4030", description: "Sales" },
  { number: "4220", description: "Freight recovered" },
  { number: "6000", description: "Wages" },
  { number: "6110", description: "Office supplies" },
  { number: "6115", description: "Card charges" },
  { number: "6260", description: "Rent" },
  { number: "6550", description: "Utilities" },
  { number: "7100", description: "Exchange gain" },
  { number: "9999", description: "Suspense" },
];

export const sampleItems = [
  "A1-103/0",
  "A1-105/0",
  "A1-405/0",
  "A1-450/0",
  "A1-650/0",
  "A1-655/0",
  "BK-360",
] as const;
