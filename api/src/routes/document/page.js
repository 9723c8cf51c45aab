SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#page",
  deepLinking: true,
  defaultModelsExpandDepth: 0,
  displayOperationId: true,
  docExpansion: "list",
  filter: true,
  // Otherwise a badge would be fetched from the Internet.
  validatorUrl: null,
});
