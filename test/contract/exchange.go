package contract

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
)

// An exchange is one request and its answer, as they crossed the wire.
type exchange struct {
	method string
	path   string // escaped, without the prefix
	query  string

	requestHeader http.Header
	requestBody   []byte

	status         int
	responseHeader http.Header
	responseBody   []byte
}

// check lists everything in an exchange that GitHub's description does not allow.
func (d *description) check(e exchange) []Problem {
	method := e.method
	if method == http.MethodHead {
		method = http.MethodGet // GitHub answers HEAD wherever it answers GET, and does not list it.
	}
	route, parameters, err := d.route(method, byName(e.path))
	if err != nil {
		return []Problem{{Method: e.method, Route: e.path, Side: "route",
			Message: "GitHub describes no such route: " + err.Error()}}
	}
	documented := withoutSlashes(route.Path)

	req := &http.Request{
		Method: e.method,
		URL:    &url.URL{Scheme: "http", Host: "github.invalid", Path: byName(e.path), RawQuery: e.query},
		Header: e.requestHeader,
		Body:   io.NopCloser(bytes.NewReader(e.requestBody)),
	}
	input := &openapi3filter.RequestValidationInput{
		Request:    req,
		PathParams: parameters,
		Route:      route,
		Options: &openapi3filter.Options{
			MultiError:              true,
			SkipSettingDefaults:     true,
			IncludeResponseStatus:   true,
			AuthenticationFunc:      openapi3filter.NoopAuthenticationFunc,
			SchemaValidationOptions: formats(),
		},
	}

	var problems []Problem
	add := func(side string, body []byte, found []finding) {
		for _, f := range found {
			problems = append(problems, Problem{
				Method: e.method, Route: documented, Side: side, Field: f.field, Message: f.message, Body: excerpt(
					body),
			})
		}
	}
	add("request", e.requestBody, d.checkRequest(input, e))
	add(fmt.Sprintf("response %d", e.status), e.responseBody, d.checkResponse(input, route, e))
	return problems
}

// byName is the path as GitHub describes it. Its redirects of renamed repositories lead below /repositories/ID, which
// serves what is below /repos/OWNER/NAME and stands in no description.
func byName(path string) string {
	rest, byID := strings.CutPrefix(path, "/repositories/")
	if !byID {
		return path
	}
	_, rest, deeper := strings.Cut(rest, "/")
	if !deeper {
		return "/repos/renamed/renamed"
	}
	return "/repos/renamed/renamed/" + rest
}

// redirects says that an answer leads elsewhere, which GitHub may do on every route and lists for some (REST, Best
// practices, Follow redirects).
func (e exchange) redirects() bool {
	moved := e.status == http.StatusMovedPermanently || e.status == http.StatusFound ||
		e.status == http.StatusTemporaryRedirect
	return moved && e.responseHeader.Get("Location") != ""
}

func (d *description) checkRequest(input *openapi3filter.RequestValidationInput, e exchange) []finding {
	found := findings(openapi3filter.ValidateRequest(input.Request.Context(), input))
	found = append(found, unknownParameters(input.Route, e.query)...)
	if body := input.Route.Operation.RequestBody; body != nil && len(e.requestBody) > 0 {
		found = append(found, unknownFields(body.Value.Content, e.requestHeader, e.requestBody)...)
	} else if len(e.requestBody) > 0 {
		found = append(found, finding{message: "GitHub takes no body here"})
	}
	return found
}

func (d *description) checkResponse(input *openapi3filter.RequestValidationInput, route *routers.Route,
	e exchange) []finding {
	if e.status == http.StatusNotModified || e.method == http.MethodHead {
		return nil // Nothing but headers. GitHub answers 304 to any conditional GET and lists it for some.
	}
	response := route.Operation.Responses.Status(e.status)
	if response == nil {
		response = route.Operation.Responses.Default()
	}
	if response == nil && e.redirects() {
		return d.checkError(e.responseBody)
	}
	if response == nil {
		documented := slices.Sorted(maps.Keys(route.Operation.Responses.Map()))
		found := []finding{{message: fmt.Sprintf("undocumented status %d, GitHub documents %s", e.status,
			strings.Join(documented, ", "))}}
		if e.status >= 400 {
			found = append(found, d.checkError(e.responseBody)...)
		}
		return found
	}
	found := findings(openapi3filter.ValidateResponse(input.Request.Context(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: input,
		Status:                 e.status,
		Header:                 e.responseHeader,
		Body:                   io.NopCloser(bytes.NewReader(e.responseBody)),
		Options:                input.Options,
	}))
	return append(found, unknownFields(response.Value.Content, e.responseHeader, e.responseBody)...)
}

// checkError holds the answer with a status that the route does not list against the shape of GitHub's errors.
func (d *description) checkError(body []byte) []finding {
	value, err := decode(body)
	if err != nil {
		return []finding{{message: "an error's body is not JSON: " + err.Error()}}
	}
	found := findings(d.anyError.Value.VisitJSON(value, append(formats(), openapi3.VisitAsResponse())...))
	if object, ok := value.(map[string]any); ok && object["message"] == nil {
		found = append(found, finding{field: "/message", message: "an error must say what is wrong"})
	}
	return found
}

// unknownParameters lists the query parameters that GitHub would ignore.
func unknownParameters(route *routers.Route, query string) []finding {
	values, err := url.ParseQuery(query)
	if err != nil {
		return []finding{{field: "query", message: err.Error()}}
	}
	var found []finding
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if route.Operation.Parameters.GetByInAndName("query", name) == nil &&
			route.PathItem.Parameters.GetByInAndName("query", name) == nil {
			found = append(found, finding{field: "query " + name, message: "GitHub knows no such parameter"})
		}
	}
	return found
}

// unknownFields lists the fields of a JSON body that GitHub does not describe.
func unknownFields(content openapi3.Content, header http.Header, body []byte) []finding {
	kind, _, _ := mime.ParseMediaType(header.Get("Content-Type"))
	media := content.Get(kind)
	if media == nil || media.Schema == nil || !strings.HasSuffix(kind, "json") || len(body) == 0 {
		return nil
	}
	value, err := decode(body)
	if err != nil {
		return nil // Said already, by the validation of the schema.
	}
	var found []finding
	undescribed(openapi3.SchemaRefs{media.Schema}, value, "", &found)
	return found
}

// undescribed walks a value along all schemas that may describe it.
func undescribed(schemas openapi3.SchemaRefs, value any, path string, found *[]finding) {
	alternatives := flat(schemas)
	switch value := value.(type) {
	case []any:
		var items openapi3.SchemaRefs
		for _, s := range alternatives {
			if s.Items != nil {
				items = append(items, s.Items)
			}
		}
		for _, item := range value {
			undescribed(items, item, path+"/*", found)
		}
	case map[string]any:
		properties := make(map[string]openapi3.SchemaRefs)
		for _, s := range alternatives {
			if free(s) {
				return
			}
			for name, property := range s.Properties {
				properties[name] = append(properties[name], property)
			}
		}
		if len(properties) == 0 {
			return
		}
		for _, name := range slices.Sorted(maps.Keys(value)) {
			described, ok := properties[name]
			if !ok {
				*found = append(*found, finding{field: path + "/" + name, message: "GitHub describes no such field"})
				continue
			}
			undescribed(described, value[name], path+"/"+name, found)
		}
	}
}

// flat resolves allOf, anyOf and oneOf into the plain schemas that they are made of.
func flat(refs openapi3.SchemaRefs) []*openapi3.Schema {
	var plain []*openapi3.Schema
	seen := make(map[*openapi3.Schema]bool)
	var visit func(openapi3.SchemaRefs)
	visit = func(refs openapi3.SchemaRefs) {
		for _, ref := range refs {
			if ref.Value == nil || seen[ref.Value] {
				continue
			}
			seen[ref.Value] = true
			plain = append(plain, ref.Value)
			visit(ref.Value.AllOf)
			visit(ref.Value.AnyOf)
			visit(ref.Value.OneOf)
		}
	}
	visit(refs)
	return plain
}

// free tells whether a schema describes an object with fields of any name.
func free(s *openapi3.Schema) bool {
	if a := s.AdditionalProperties; a.Schema != nil || a.Has != nil && *a.Has {
		return true
	}
	composed := len(s.AllOf)+len(s.AnyOf)+len(s.OneOf) > 0
	object := s.Type == nil || s.Type.Includes("object")
	// A schema of nothing but "required" only narrows the one beside it.
	return object && !composed && len(s.Properties) == 0 && len(s.Required) == 0
}

// excerpt is the beginning of a body, as much as a person wants to see in a failed test.
func excerpt(body []byte) string {
	const most = 2000
	if len(body) > most {
		return string(body[:most]) + "..."
	}
	return string(body)
}
