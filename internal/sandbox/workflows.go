package sandbox

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
)

// workflow is a file of .github/workflows that the default branch has or once had.
type workflow struct {
	ID               int64
	Path             string
	Created, Updated time.Time
}

// workflowFile is what the sandbox reads of a workflow: what starts it and which jobs it has. Nothing is executed: a
// test, or a person on the page, says how a job ended.
type workflowFile struct {
	Name    string        `yaml:"name"`
	RunName string        `yaml:"run-name"`
	On      any           `yaml:"on"`
	Jobs    yaml.MapSlice `yaml:"jobs"`
}

func workflowRoutes() []route {
	return []route{
		{"GET", "/repos/{owner}/{repo}/actions/workflows", "actions:read", handleWorkflows},
		{"GET", "/repos/{owner}/{repo}/actions/workflows/{workflow}", "actions:read", handleWorkflow},
		{"POST", "/repos/{owner}/{repo}/actions/workflows/{workflow}/dispatches", "actions:write", handleDispatch},
		{"GET", "/repos/{owner}/{repo}/actions/workflows/{workflow}/runs", "actions:read", handleRuns},
	}
}

// refresh finds the workflows of the default branch. Their ids stay while the path does.
func (c *call) refresh() error {
	list, err := c.repo.Git.Tree(c.ctx, "refs/heads/"+c.repo.DefaultBranch, true)
	if err != nil {
		return err
	}
	for _, e := range list {
		dir, ext := path.Dir(e.Path), path.Ext(e.Path)
		known := slices.ContainsFunc(c.repo.Workflows, func(w *workflow) bool { return w.Path == e.Path })
		if dir == ".github/workflows" && (ext == ".yml" || ext == ".yaml") && !known {
			c.repo.Workflows = append(c.repo.Workflows, &workflow{ID: c.s.nextID(), Path: e.Path, Created: c.s.now(),
				Updated: c.s.now()})
		}
	}
	return nil
}

// read reads a workflow at a revision.
func (c *call) read(w *workflow, rev string) (workflowFile, error) {
	content, _, err := c.repo.Git.File(c.ctx, rev, w.Path)
	if err != nil {
		return workflowFile{}, err
	}
	var f workflowFile
	if err := yaml.Unmarshal(content, &f); err != nil {
		return workflowFile{}, fmt.Errorf("%s: %w", w.Path, err)
	}
	if f.Name == "" {
		f.Name = w.Path
	}
	return f, nil
}

// trigger is what a workflow says of one event: nil when the event does not start it.
func (f workflowFile) trigger(event string) map[string]any {
	switch on := f.On.(type) {
	case string:
		if on == event {
			return map[string]any{}
		}
	case []any:
		if slices.Contains(on, any(event)) {
			return map[string]any{}
		}
	case map[string]any:
		if body, has := on[event]; has {
			if fields, is := body.(map[string]any); is {
				return fields
			}
			return map[string]any{}
		}
	}
	return nil
}

// starts says that an event of the repository starts the workflow: its activity type, its branch or its tag is named.
func (f workflowFile) starts(event, activity, ref string) bool {
	t := f.trigger(event)
	if t == nil {
		return false
	}
	if types := texts(t["types"]); len(types) > 0 && activity != "" {
		return slices.Contains(types, activity)
	}
	if event != "push" {
		return true
	}
	branches, tags := texts(t["branches"]), texts(t["tags"])
	if name, is := strings.CutPrefix(ref, "refs/tags/"); is {
		return tags != nil && globbed(tags, name) || tags == nil && branches == nil
	}
	return branches != nil && globbed(branches, strings.TrimPrefix(ref, "refs/heads/")) || tags == nil &&
		branches == nil
}

func texts(v any) []string {
	switch list := v.(type) {
	case string:
		return []string{list}
	case []any:
		out := []string{}
		for _, one := range list {
			out = append(out, fmt.Sprint(one))
		}
		return out
	}
	return nil
}

// globbed matches the filter patterns of workflows, of which the sandbox knows *, ** and !.
func globbed(patterns []string, name string) bool {
	hit := false
	for _, p := range patterns {
		no := strings.HasPrefix(p, "!")
		p = strings.TrimPrefix(p, "!")
		matched, _ := path.Match(p, name)
		if before, _, deep := strings.Cut(p, "**"); deep {
			matched = strings.HasPrefix(name, before)
		}
		if matched {
			hit = !no
		}
	}
	return hit
}

func (s *Server) renderWorkflow(c *call, w *workflow) map[string]any {
	f, err := c.read(w, "refs/heads/"+c.repo.DefaultBranch)
	state := "active"
	if err != nil {
		f.Name, state = w.Path, "deleted"
	}
	return map[string]any{
		"id": w.ID, "node_id": nodeID("W",
			w.ID), "name": f.Name, "path": w.Path, "state": state, "created_at": stamp(w.Created),
		"updated_at": stamp(w.Updated),
		"url":        s.api("/repos/%s/%s/actions/workflows/%d", c.repo.Owner.Login, c.repo.Name, w.ID),
		"html_url":   s.html("/%s/%s/blob/%s/%s", c.repo.Owner.Login, c.repo.Name, c.repo.DefaultBranch, w.Path),
		"badge_url":  s.html("/%s/%s/workflows/%s/badge.svg", c.repo.Owner.Login, c.repo.Name, f.Name),
	}
}

func handleWorkflows(c *call) (reply, error) {
	if err := c.refresh(); err != nil {
		return reply{}, err
	}
	return paged(c, c.repo.Workflows, func(list []any) any {
		return map[string]any{"total_count": len(c.repo.Workflows), "workflows": list}
	}, func(w *workflow) any { return c.s.renderWorkflow(c, w) }), nil
}

// workflow finds one by its id or its file's name.
func (c *call) workflow() (*workflow, error) {
	if err := c.refresh(); err != nil {
		return nil, err
	}
	want := c.vars["workflow"]
	i := slices.IndexFunc(c.repo.Workflows, func(w *workflow) bool {
		return strconv.FormatInt(w.ID, 10) == want ||
			path.Base(w.Path) == want
	})
	if i < 0 {
		return nil, notFound()
	}
	return c.repo.Workflows[i], nil
}

func handleWorkflow(c *call) (reply, error) {
	w, err := c.workflow()
	if err != nil {
		return reply{}, err
	}
	return ok(c.s.renderWorkflow(c, w)), nil
}

// handleDispatch starts a workflow by hand. Since 2026 GitHub tells which run that made, when asked to.
func handleDispatch(c *call) (reply, error) {
	w, err := c.workflow()
	if err != nil {
		return reply{}, err
	}
	var in struct {
		Ref     string
		Inputs  map[string]any
		Details bool `json:"return_run_details"`
	}
	if err := c.decode(&in); err != nil {
		return reply{}, err
	}
	if !c.s.can(c.repo, c.who, "write") {
		return reply{}, forbidden("Must have write access to Repository.")
	}
	sha, short, err := c.namedRef(in.Ref)
	if err != nil {
		return reply{}, unprocessable("No ref found for: " + in.Ref)
	}
	f, err := c.read(w, sha)
	if err != nil {
		return reply{}, unprocessable("Workflow file not found at " + in.Ref)
	}
	t := f.trigger("workflow_dispatch")
	if t == nil {
		return reply{}, unprocessable("Workflow does not have 'workflow_dispatch' trigger")
	}
	inputs, err := held(t, in.Inputs)
	if err != nil {
		return reply{}, err
	}
	r := c.s.start(c, w, f, "workflow_dispatch", short, sha, inputs)
	if !in.Details {
		return nothing(), nil
	}
	return ok(map[string]any{
		"workflow_run_id": r.ID, "run_url": c.s.api("/repos/%s/%s/actions/runs/%d", c.repo.Owner.Login,
			c.repo.Name, r.ID),
		"html_url": c.s.html("/%s/%s/actions/runs/%d", c.repo.Owner.Login, c.repo.Name, r.ID),
	}), nil
}

// namedRef finds a branch or tag by its short or full name.
func (c *call) namedRef(name string) (sha, short string, err error) {
	short = strings.TrimPrefix(strings.TrimPrefix(name, "refs/heads/"), "refs/tags/")
	for _, full := range []string{"refs/heads/" + short, "refs/tags/" + short} {
		ref, err := c.repo.Git.Ref(c.ctx, full)
		if err == nil && strings.HasSuffix(full, name) {
			return ref.Peeled, short, nil
		}
	}
	return "", "", notFound()
}

// held holds the inputs of a dispatch against those that the workflow declares, and fills in the defaults.
func held(trigger, given map[string]any) (map[string]string, error) {
	declared, _ := trigger["inputs"].(map[string]any)
	out := map[string]string{}
	var unknown []string
	for _, name := range slices.Sorted(maps.Keys(given)) {
		if _, has := declared[name]; !has {
			unknown = append(unknown, strconv.Quote(name))
		}
		out[name] = fmt.Sprint(given[name])
	}
	if len(unknown) > 0 {
		return nil, unprocessable("Unexpected inputs provided: [" + strings.Join(unknown, ", ") + "]")
	}
	for _, name := range slices.Sorted(maps.Keys(declared)) {
		if _, has := out[name]; has {
			continue
		}
		one, _ := declared[name].(map[string]any)
		if fallback, has := one["default"]; has {
			out[name] = fmt.Sprint(fallback)
		} else if one["required"] == true {
			return nil, unprocessable("Required input '" + name + "' not provided")
		}
	}
	return out, nil
}
