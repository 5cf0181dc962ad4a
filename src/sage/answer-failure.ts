import { AppError } from "../errors.ts";

/** The Web API is there, but fails at what was asked for, or answers beyond all bounds. */
export class AnswerFailure extends AppError {
  constructor(message: string, options: { hint?: string; cause?: unknown }) {
    super("temporary", message, options);
  }
}
