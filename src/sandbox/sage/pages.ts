/** What a browser sees at the virtual directory; the tool's own check of an address may look at it too. */
export const landingPage =
  "<!DOCTYPE html><html><head><title>Sage 300</title></head><body><h1>Sage 300 Web API</h1>" +
  '<p>7.2.0.10</p><a href="swagger/ui/index">Open Swagger UI</a>' +
  "<p>The defaulted company for these operations is SAMLTD.</p></body></html>";

/** The page of IIS, which answers instead of Sage for a wrong directory or too long a query. */
export function notFoundPage(detail: string): string {
  return (
    `<!DOCTYPE html><html><head><title>IIS 10.0 Detailed Error - ${detail} - Not Found</title></head>` +
    `<body><h2>HTTP Error ${detail} - Not Found</h2></body></html>`
  );
}
