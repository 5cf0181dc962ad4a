/** Sage's own error codes and the status that goes with each. */
export const statusOf = {
  Unauthorized: 401,
  Forbidden: 403,
  InvalidParameters: 400,
  InvalidEntityKey: 400,
  ResourceNotFound: 404,
  RecordNotFound: 404,
  MethodNotAllowed: 405,
  TooManyRequests: 429,
  InternalServerError: 500,
  DBLinkError: 500,
} as const;

export type RefusalCode = keyof typeof statusOf;

/** An answer with Sage's error envelope. */
export class Refusal extends Error {
  readonly code: RefusalCode;
  readonly status: number;

  constructor(code: RefusalCode, message: string, status: number = statusOf[code]) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

export function refuse(code: RefusalCode, message: string): never {
  throw new Refusal(code, message);
}
