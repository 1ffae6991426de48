package contract

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
)

// description is GitHub's REST API as GitHub describes it, ready to look routes up in. It is never written to after
// loadDescription returns.
type description struct {
	// plain has the paths as documented, slashed those with parameters that may hold slashes, for what plain does not
	// know. In one router "commits/{ref:.+}" would swallow "commits/{commit_sha}/pulls".
	plain, slashed routers.Router
	// anyError is the shape of every error answer ("basic-error").
	anyError *openapi3.SchemaRef
}

// loadOnce reads the description on first use. It takes about two seconds, and no test changes what it returns.
var loadOnce = sync.OnceValues(loadDescription)

func loadDescription() (*description, error) {
	data, err := read("openapi/generated/api.github.com.json")
	if err != nil {
		return nil, err
	}
	doc, err := openapi3.NewLoader().LoadFromData(data)
	if err != nil {
		return nil, fmt.Errorf("load GitHub's OpenAPI description: %w", err)
	}
	// The description names api.github.com and, for one operation, uploads.github.com. The checker strips the address
	// and the prefix itself, since the sandbox stands elsewhere and has the shape of GitHub Enterprise.
	doc.Servers = nil
	doc.Security = nil

	overlapAlternatives(doc)
	wide := *doc
	wide.Paths = openapi3.NewPaths()
	for path, item := range doc.Paths.Map() {
		item.Servers = nil
		if with := withSlashes(path); with != path {
			wide.Paths.Set(with, item)
		}
	}
	plain, err := gorillamux.NewRouter(doc)
	if err != nil {
		return nil, fmt.Errorf("route GitHub's OpenAPI description: %w", err)
	}
	slashed, err := gorillamux.NewRouter(&wide)
	if err != nil {
		return nil, fmt.Errorf("route GitHub's OpenAPI description: %w", err)
	}
	basic, ok := doc.Components.Schemas["basic-error"]
	if !ok {
		return nil, fmt.Errorf("load GitHub's OpenAPI description: it has no schema basic-error")
	}
	return &description{plain: plain, slashed: slashed, anyError: basic}, nil
}

// mayHoldSlashes finds the path parameters whose values may hold slashes: branch names, tags, files. Label names may
// too, but other things called name may not.
var mayHoldSlashes = regexp.MustCompile(`\{(path|ref|branch|basehead|base|head|tag|dir)\}|/labels/\{(name)\}`)

func withSlashes(path string) string {
	return mayHoldSlashes.ReplaceAllStringFunc(path, func(match string) string {
		return strings.TrimSuffix(match, "}") + ":.+}"
	})
}

// withoutSlashes gives back the path as GitHub documents it.
func withoutSlashes(path string) string { return strings.ReplaceAll(path, ":.+}", "}") }

// route finds the operation that a request is for, and the values of its path parameters.
func (d *description) route(method, path string) (*routers.Route, map[string]string, error) {
	// The path stays escaped: release%2F0.21.x is one segment of a path, as GitHub reads it.
	u, err := url.Parse("http://github.invalid" + path)
	if err != nil {
		return nil, nil, err
	}
	req := &http.Request{Method: method, URL: u, Host: u.Host}
	route, parameters, err := d.plain.FindRoute(req)
	if err == nil {
		return route, parameters, nil
	}
	if route, parameters, err := d.slashed.FindRoute(req); err == nil {
		return route, parameters, nil
	}
	return nil, nil, err
}

// overlapAlternatives lets a value match several alternatives of a oneOf. GitHub's overlap (an empty object is both a
// list of label names and a list of label objects), so that "exactly one" refuses what GitHub accepts.
func overlapAlternatives(doc *openapi3.T) {
	seen := make(map[*openapi3.Schema]bool)
	var visit func(refs ...*openapi3.SchemaRef)
	visit = func(refs ...*openapi3.SchemaRef) {
		for _, ref := range refs {
			if ref == nil || ref.Value == nil || seen[ref.Value] {
				continue
			}
			s := ref.Value
			seen[s] = true
			if len(s.AnyOf) == 0 && s.Discriminator == nil {
				s.AnyOf, s.OneOf = s.OneOf, nil
			}
			visit(s.AllOf...)
			visit(s.AnyOf...)
			visit(s.OneOf...)
			visit(s.Items, s.Not, s.AdditionalProperties.Schema)
			for _, property := range s.Properties {
				visit(property)
			}
		}
	}
	content := func(c openapi3.Content) {
		for _, media := range c {
			visit(media.Schema)
		}
	}
	for _, schema := range doc.Components.Schemas {
		visit(schema)
	}
	for _, item := range doc.Paths.Map() {
		for _, operation := range item.Operations() {
			for _, parameter := range operation.Parameters {
				visit(parameter.Value.Schema)
			}
			if operation.RequestBody != nil {
				content(operation.RequestBody.Value.Content)
			}
			for _, response := range operation.Responses.Map() {
				content(response.Value.Content)
			}
		}
	}
}

// formats are the checks of string formats that kin-openapi leaves out. "uri-template" stays unchecked: GitHub's
// templates (".../git/refs{/sha}") are only looked at by clients that expand them, and ours do not.
func formats() []openapi3.SchemaValidationOption {
	return []openapi3.SchemaValidationOption{
		openapi3.WithStringFormatValidator("uri", openapi3.NewCallbackValidator(absoluteURL)),
		openapi3.MultiErrors(),
	}
}

func absoluteURL(s string) error {
	u, err := url.Parse(s)
	if err != nil {
		return err
	}
	if u.Scheme == "" {
		return fmt.Errorf("%q is not an absolute URL", s)
	}
	return nil
}

// decode reads a JSON body as kin-openapi wants it.
func decode(body []byte) (any, error) {
	var v any
	err := json.Unmarshal(body, &v)
	return v, err
}
