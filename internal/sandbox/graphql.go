package sandbox

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// GraphQLPath is where GraphQL is served, beside /api/v3 as on GitHub Enterprise Server.
const GraphQLPath = "/api/graphql"

// classifiers are GraphQL's ReportedContentClassifiers.
var classifiers = []string{"SPAM", "ABUSE", "OFF_TOPIC", "OUTDATED", "DUPLICATE", "RESOLVED", "LOW_QUALITY"}

// reason is why a comment is hidden, as the API words it; empty when it is shown.
func (m *comment) reason() string { return strings.ToLower(strings.ReplaceAll(m.Minimized, "_", "-")) }

// queryError is an error in GraphQL's shape. Those of a field leave the other fields alone.
type queryError struct {
	kind    string // NOT_FOUND, FORBIDDEN; empty for a document that is wrong, of which nothing is done
	message string
	code    string // of a document that is wrong: undefinedField
	at      int
}

func (e *queryError) Error() string { return e.message }

func (e *queryError) render(text string, path []any) map[string]any {
	before := text[:min(e.at, len(text))]
	out := map[string]any{
		"message": e.message,
		"locations": []any{map[string]any{
			"line": strings.Count(before, "\n") + 1, "column": len(before) - strings.LastIndex(before, "\n"),
		}},
	}
	if path != nil {
		out["path"] = path
	}
	if e.kind != "" {
		out["type"] = e.kind
	}
	if e.code != "" {
		out["extensions"] = map[string]any{"code": e.code}
	}
	return out
}

// serveGraphQL answers one request. What is wrong with the query itself has the status 200, as on GitHub.
func (s *Server) serveGraphQL(w http.ResponseWriter, r *http.Request) {
	s.serve(w, r, func(c *call) (reply, error) {
		if r.Method != http.MethodPost {
			return reply{}, notFound()
		}
		if err := s.authenticate(c, route{method: http.MethodPost, pattern: GraphQLPath}); err != nil {
			return reply{}, err
		}
		return c.graphql()
	})
}

func (c *call) graphql() (reply, error) {
	var in struct {
		Query     string
		Variables map[string]any
	}
	if err := c.decode(&in); err != nil {
		return reply{}, err
	}
	refused := func(e *queryError) (reply, error) {
		return ok(map[string]any{"errors": []any{e.render(in.Query, nil)}}), nil
	}
	doc, err := parseDocument(in.Query, in.Variables)
	var syntax *syntaxError
	switch {
	case errors.As(err, &syntax):
		return refused(&queryError{message: syntax.Error(), at: syntax.at})
	case err != nil:
		return reply{}, err
	}
	if e := validate(doc); e != nil {
		return refused(e)
	}
	data, errs := map[string]any{}, []any{}
	for _, field := range doc.Fields {
		done, err := c.minimize(field)
		var e *queryError
		switch {
		case errors.As(err, &e):
			errs = append(errs, e.render(in.Query, []any{field.Key}))
			data[field.Key] = nil
		case err != nil:
			return reply{}, err
		default:
			data[field.Key] = done
		}
	}
	out := map[string]any{"data": data}
	if len(errs) > 0 {
		out["errors"] = errs
	}
	return ok(out), nil
}

// fieldsOf are the types that the sandbox serves, with their fields.
var fieldsOf = map[string]map[string]string{
	"Query":                  {},
	"Mutation":               {"minimizeComment": "MinimizeCommentPayload"},
	"MinimizeCommentPayload": {"clientMutationId": "", "minimizedComment": "Minimizable"},
	"Minimizable":            {"isMinimized": "", "minimizedReason": "", "viewerCanMinimize": "", "__typename": ""},
}

// validate finds what is wrong before anything is done: GitHub runs no part of such a document.
func validate(doc document) *queryError {
	root := "Query"
	if doc.Kind == "mutation" {
		root = "Mutation"
	}
	if e := validateFields(root, doc.Fields); e != nil {
		return e
	}
	for _, f := range doc.Fields {
		if e := validateInput(f); e != nil {
			return e
		}
	}
	return nil
}

func validateInput(f selection) *queryError {
	input, _ := f.Arguments["input"].(map[string]any)
	if id, isText := input["subjectId"].(string); !isText || id == "" {
		return &queryError{
			message: "Argument 'subjectId' on InputObject 'MinimizeCommentInput' is required. Expected type ID!",
			code:    "missingRequiredInputObjectAttribute", at: f.At,
		}
	}
	if name := fmt.Sprint(input["classifier"]); !slices.Contains(classifiers, name) {
		return &queryError{
			message: "Argument 'classifier' on InputObject 'MinimizeCommentInput' has an invalid value (" + name +
				"). " +
				"Expected type 'ReportedContentClassifiers!'.",
			code: "argumentLiteralsIncompatible", at: f.At,
		}
	}
	return nil
}

func validateFields(kind string, list []selection) *queryError {
	for _, f := range list {
		inner, known := fieldsOf[kind][f.Name]
		switch {
		case !known:
			return &queryError{
				message: fmt.Sprintf("Field '%s' doesn't exist on type '%s'", f.Name,
					kind), code: "undefinedField", at: f.At,
			}
		case inner != "" && len(f.Fields) == 0:
			return &queryError{
				message: fmt.Sprintf("Field must have selections (field '%s' returns %s but has no selections. "+
					"Did you mean '%s { ... }'?)", f.Name, inner, f.Name),
				code: "selectionMismatch", at: f.At,
			}
		}
		if e := validateFields(inner, f.Fields); e != nil {
			return e
		}
	}
	return nil
}

// minimize hides a comment.
func (c *call) minimize(f selection) (map[string]any, error) {
	input, _ := f.Arguments["input"].(map[string]any)
	id, _ := input["subjectId"].(string)
	r, is, m := c.s.commentNode(id)
	refused := func(kind, message string) (map[string]any, error) {
		return nil, &queryError{kind: kind, message: message, at: f.At}
	}
	switch {
	case m == nil || c.narrowed(r.ID):
		return refused("NOT_FOUND", "Could not resolve to a node with the global id of '"+id+"'")
	case c.who.app && !c.mayWrite(r, is):
		return refused("FORBIDDEN", "Resource not accessible by integration")
	case !c.s.can(r, c.who, "triage"):
		return refused("FORBIDDEN",
			c.who.user.Login+" does not have the correct permissions to execute `MinimizeComment`")
	}
	m.Minimized = fmt.Sprint(input["classifier"])
	return selected(f.Fields, map[string]any{
		"clientMutationId": input["clientMutationId"],
		"minimizedComment": map[string]any{
			"isMinimized": true, "minimizedReason": m.reason(), "viewerCanMinimize": true, "__typename": "IssueComment",
		},
	}), nil
}

// mayWrite says that the installation of the token may write to an issue or pull request of the repository.
func (c *call) mayWrite(r *repository, is *issue) bool {
	if in := c.s.installations[c.installation]; in == nil || !in.covers(r) {
		return false
	}
	c.token.use.note("issues:write")
	return c.permitted("issues", "write") || is.Pull != nil && c.permitted("pull_requests", "write")
}

// commentNode finds a comment by its node id.
func (s *Server) commentNode(id string) (*repository, *issue, *comment) {
	number, isComment := strings.CutPrefix(id, "IC_")
	n, err := strconv.ParseInt(number, 10, 64)
	if !isComment || err != nil {
		return nil, nil, nil
	}
	for _, r := range s.repos {
		if is, m := r.comment(n); m != nil {
			return r, is, m
		}
	}
	return nil, nil, nil
}

// selected is the part of a value that was asked for.
func selected(fields []selection, value map[string]any) map[string]any {
	out := map[string]any{}
	for _, f := range fields {
		if inner, deep := value[f.Name].(map[string]any); deep {
			out[f.Key] = selected(f.Fields, inner)
			continue
		}
		out[f.Key] = value[f.Name]
	}
	return out
}
