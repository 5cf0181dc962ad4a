const codes =
  /^(?:CERT_|CRL_|DEPTH_ZERO_|ERR_TLS_|ERR_SSL_|ERROR_IN_C|UNABLE_TO_|SELF_SIGNED_|HOSTNAME_|EPROTO|INVALID_|PATH_LENGTH)/;

/**
 * Whether a connection failed because of the other side's certificate or its TLS. Codes of Node.js
 * (https://nodejs.org/api/tls.html#x509-certificate-error-codes) and of OpenSSL. It says nothing about when: an alert
 * may come after the handshake as well.
 */
export function isTlsFailure(code: string): boolean {
  return codes.test(code);
}
