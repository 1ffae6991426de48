// Package contract holds what the sandbox answers and what the bot sends against GitHub's own descriptions, so that
// the sandbox does not flatter the bot.
//
// GitHub describes its REST API as OpenAPI (npm @octokit/openapi), its webhooks as JSON schemas
// (@octokit/openapi-webhooks), and publishes real payloads (@octokit/webhooks-examples). package-lock.json in this
// folder pins all three; `make setup` installs them.
//
// A test puts a [Checker] around both ends and looks at the end:
//
//	checker, err := contract.Load()
//	github := checker.Middleware(sandbox.Handler(), "/api/v3") // every call of the bot, every answer of the sandbox
//	bot := checker.HookMiddleware(hooks)                       // every webhook of the sandbox
//	...
//	for _, problem := range checker.Problems() { t.Error(problem) }
//	for _, unneeded := range checker.Unneeded() { t.Error(unneeded) }
//
// Recording does not wait for checking: exchanges are checked by as many goroutines as there are processors, each
// distinct exchange once. Problems and Unneeded wait until all are checked.
//
// The check is stricter than the schemas: a status that GitHub does not document for the route, a route or a query
// parameter or a body field that GitHub does not know are problems too, because GitHub would ignore a misspelt field
// in silence. Where the sandbox, the bot or GitHub's description itself deviates and we know why, the table in
// deviations.go says so; an entry that no run needs any more is reported, so that the table stays honest.
package contract
