package contract

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// hooks are GitHub's webhooks as GitHub describes them. Schemas are compiled when first asked for: all 261 would take
// longer than a test.
type hooks struct {
	mu       sync.Mutex
	compiler *jsonschema.Compiler
	webhooks map[string]webhook // by name: "issues-opened", "push"
	compiled map[string]*jsonschema.Schema
}

type webhook struct {
	Post struct {
		Parameters []struct {
			Name     string `json:"name"`
			In       string `json:"in"`
			Required bool   `json:"required"`
		} `json:"parameters"`
	} `json:"post"`
}

const hooksURL = "https://github.invalid/webhooks.json"

var loadHooks = sync.OnceValues(func() (*hooks, error) {
	data, err := read("openapi-webhooks/generated/api.github.com.json")
	if err != nil {
		return nil, err
	}
	var named struct {
		Webhooks map[string]webhook `json:"webhooks"`
	}
	if err := json.Unmarshal(data, &named); err != nil {
		return nil, fmt.Errorf("load GitHub's description of webhooks: %w", err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("load GitHub's description of webhooks: %w", err)
	}
	compiler := jsonschema.NewCompiler()
	compiler.DefaultDraft(jsonschema.Draft2020)
	compiler.AssertFormat()
	// The library holds templates to RFC 6570, which some of GitHub's break; what stands before the
	// first variable must be a URL all the same.
	compiler.RegisterFormat(&jsonschema.Format{Name: "uri-template", Validate: func(v any) error {
		s, ok := v.(string)
		if !ok {
			return nil
		}
		start, _, _ := strings.Cut(s, "{")
		return absoluteURL(start)
	}})
	// Bots have addresses like 41898282+github-actions[bot]@users.noreply.github.com, which RFC 5321 wants quoted.
	compiler.RegisterFormat(&jsonschema.Format{Name: "email", Validate: func(v any) error {
		s, ok := v.(string)
		if name, host, found := strings.Cut(s, "@"); ok &&
			(!found || name == "" || host == "" || strings.ContainsAny(s, " \t\r\n")) {
			return fmt.Errorf("%q is not an address", s)
		}
		return nil
	}})
	if err := compiler.AddResource(hooksURL, doc); err != nil {
		return nil, fmt.Errorf("load GitHub's description of webhooks: %w", err)
	}
	return &hooks{compiler: compiler, webhooks: named.Webhooks, compiled: make(map[string]*jsonschema.Schema)}, nil
})

// find returns the name of the webhook that an event with an action is, "" when GitHub sends no such.
func (h *hooks) find(event, action string) string {
	dashed := strings.NewReplacer("_", "-").Replace
	for _, name := range []string{dashed(event) + "-" + dashed(action), dashed(event)} {
		if _, ok := h.webhooks[name]; ok && (action != "" || name == dashed(event)) {
			return name
		}
	}
	return ""
}

func (h *hooks) schema(name string) (*jsonschema.Schema, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if s, ok := h.compiled[name]; ok {
		return s, nil
	}
	s, err := h.compiler.Compile(hooksURL + "#/webhooks/" + name + "/post/requestBody/content/application~1json/schema")
	if err != nil {
		return nil, fmt.Errorf("compile the schema of webhook %s: %w", name, err)
	}
	h.compiled[name] = s
	return s, nil
}

// Webhook returns what in a payload of an event ("issue_comment") GitHub would not send. It checks at once, and neither
// remembers nor forgives anything.
func (c *Checker) Webhook(event string, payload []byte) []Problem {
	problem := func(field, message string) Problem {
		return Problem{Method: "WEBHOOK", Route: event, Side: "payload", Field: field, Message: message,
			Body: excerpt(payload)}
	}
	h, err := loadHooks()
	if err != nil {
		return []Problem{problem("", err.Error())}
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(payload))
	if err != nil {
		return []Problem{problem("", "the payload is not JSON: "+err.Error())}
	}
	action := actionOf(value)
	name := h.find(event, action)
	if name == "" {
		return []Problem{problem("/action", fmt.Sprintf("GitHub sends no %s with action %q", event, action))}
	}
	schema, err := h.schema(name)
	if err != nil {
		return []Problem{problem("", err.Error())}
	}
	var wrong *jsonschema.ValidationError
	if err := schema.Validate(value); !errors.As(err, &wrong) {
		return nil
	}
	var problems []Problem
	for _, f := range distinct(causes(wrong)) {
		p := problem(f.field, f.message)
		if action != "" {
			p.Route += "." + action
		}
		problems = append(problems, p)
	}
	return problems
}

func actionOf(payload any) string {
	object, _ := payload.(map[string]any)
	action, _ := object["action"].(string)
	return action
}

// causes takes the tree of errors apart into its leaves. Of alternatives only the nearest counts.
func causes(e *jsonschema.ValidationError) []finding {
	if len(e.Causes) == 0 {
		return []finding{{pointer(e.InstanceLocation), oneLine(e.BasicOutput().Error.String())}}
	}
	path := e.ErrorKind.KeywordPath()
	if len(path) == 1 && (path[0] == "anyOf" || path[0] == "oneOf") {
		var nearest []finding
		for i, cause := range e.Causes {
			tried := causes(cause)
			if i == 0 || len(tried) < len(nearest) {
				nearest = tried
			}
		}
		for i := range nearest {
			nearest[i].message += fmt.Sprintf(" (in the nearest of %d alternatives)", len(e.Causes))
		}
		return nearest
	}
	var found []finding
	for _, cause := range e.Causes {
		found = append(found, causes(cause)...)
	}
	return found
}

// HookMiddleware passes every delivery on to next, the bot's receiver of webhooks, and checks it beside: the payload,
// and that the headers are there that GitHub sends.
func (c *Checker) HookMiddleware(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost { // a page, or the receiver's own API
			next.ServeHTTP(w, r)
			return
		}
		event, header, payload := r.Header.Get("X-GitHub-Event"), r.Header.Clone(), taken(r)
		// net/http keeps some headers elsewhere; of those GitHub lists none.
		key := sha256.Sum256(slices.Concat([]byte(event+"\n"+fmt.Sprint(names(header))+"\n"), payload))
		c.later(key, func() []Problem {
			return append(c.headers(event, header), c.Webhook(event, payload)...)
		})
		next.ServeHTTP(w, r)
	})
}

func names(header http.Header) []string {
	var all []string
	for name := range header {
		all = append(all, name)
	}
	slices.Sort(all)
	return all
}

// headers lists the headers that GitHub sends with an event and this delivery lacks. They are the same for every
// action.
func (c *Checker) headers(event string, header http.Header) []Problem {
	h, err := loadHooks()
	if err != nil {
		return nil // Webhook says it.
	}
	dashed := strings.ReplaceAll(event, "_", "-")
	var problems []Problem
	for name, hook := range h.webhooks {
		if name != dashed && !strings.HasPrefix(name, dashed+"-") {
			continue
		}
		for _, p := range hook.Post.Parameters {
			if p.In == "header" && p.Required && header.Get(p.Name) == "" {
				problems = append(problems, Problem{Method: "WEBHOOK", Route: event, Side: "header", Field: p.Name,
					Message: "GitHub always sends it"})
			}
		}
		break
	}
	return problems
}
