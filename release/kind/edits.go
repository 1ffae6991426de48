package kind

import (
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"

	"github.com/slipway-dev/slipway/release/typed"
)

// Edit is one new value in one file, or in each file of a pattern. In a list, the name of a list of the process's
// edits: may stand in its place.
type Edit struct {
	_ struct{} `exactly:"line yaml match module commit same-as list"`

	File  typed.Path `yaml:"file" must:"with line" about:"the file; {each} is a word of each"`
	Files typed.Path `yaml:"files" not:"line" about:"a pattern of files, such as charts/*/Chart.yaml"`

	Line   typed.Single `yaml:"line" about:"the one line of the file"`
	YAML   typed.Single `yaml:"yaml" about:"the path of a value in a YAML file"`
	Match  typed.Regexp `yaml:"match" about:"an expression whose one group is the value"`
	Module typed.Single `yaml:"module" about:"a module that go.mod requires; local: all that a directory replaces"`
	To     typed.Single `yaml:"to" about:"the value; +minor and +patch count on from what is there"`
	Add    *Addition    `yaml:"add" only:"with yaml" about:"an entry of a YAML mapping"`

	Each []typed.Word `yaml:"each" only:"with file" about:"one edit for each word"`

	Commit typed.Text `yaml:"commit" about:"the title of a commit of its own"`
	Edits  []Edit     `yaml:"edits" must:"with commit" about:"what is in that commit"`

	SameAs List `yaml:"same-as" about:"the places of a list, with another value"`
	// List is the name of a list that is used as it is.
	List List `yaml:"list" about:"a list of edits of this process"`
}

// Addition is an entry to be added to a YAML mapping.
type Addition struct {
	Key   typed.Text `yaml:"key" must:"yes" about:"its name"`
	Value typed.Raw  `yaml:"value" must:"yes" about:"its value"`
}

// List is the name of a list of edits: of the process.
type List string

// Wrong implements typed.Value.
func (List) Wrong(text string, in typed.Scope) (why, fix string) {
	return in.Word("list of edits", text)
}

// Schema implements typed.Schemer: an edit may hold others, so it is a definition of its own.
func (Edit) Schema(bool) map[string]any { return map[string]any{"$ref": "#/$defs/edit"} }

// EditSchema is that definition.
func EditSchema() map[string]any {
	return map[string]any{"anyOf": []any{
		map[string]any{"type": "string", "description": "the name of a list of edits"},
		typed.Schema(reflect.TypeFor[plain](), true)}}
}

// plain is Edit without its method, so that its fields can be read.
type plain Edit

// Decode implements typed.Decoder: an edit is written out, or is the name of a list.
func (e *Edit) Decode(r *typed.Reader, n *typed.Node, path string) {
	if n.Sort != typed.Scalar {
		before := len(r.Problems)
		r.Decode(n, path, (*plain)(e))
		if len(r.Problems) == before && !r.Part {
			e.held(r, n, path)
		}
		return
	}
	if why, fix := List("").Wrong(n.Text, r.Scope); why != "" {
		r.Wrong(n, path, why, fix)
		return
	}
	e.List = List(n.Text)
}

// held checks what the tags cannot say.
func (e *Edit) held(r *typed.Reader, n *typed.Node, path string) {
	valued := e.YAML != "" || e.Match != "" || e.Module != "" || e.SameAs != ""
	switch {
	case (e.YAML != "" || e.Match != "" || e.Module != "") && (e.File == "") == (e.Files == ""):
		r.Wrong(n, path, "one of file, files is missing", "name the file, or a pattern of files, and not both")
	case valued && e.To == "" && e.Add == nil:
		r.Wrong(n, path, "to is missing", "add `to: ...`, the new value")
	case !valued && e.To != "":
		r.Wrong(n, path, "nothing says where the value of to belongs", "add line, yaml, match or module")
	case e.To != "" && e.Add != nil:
		r.Wrong(n, path, "to and add exclude each other", "keep one of them")
	case strings.HasPrefix(string(e.To), "+") && e.To != "+minor" && e.To != "+patch":
		r.Wrong(n.At("to"), typed.Join(path, "to"), strconv.Quote(string(e.To))+" counts on by nothing",
			typed.Suggest(string(e.To), []string{"+minor", "+patch"}))
	case e.Match != "" && regexp.MustCompile(string(e.Match)).NumSubexp() != 1:
		r.Wrong(n.At("match"), typed.Join(path, "match"), "the expression does not have exactly one group",
			`put the value in brackets, and nothing else: version = "(.*)"`)
	case e.YAML != "" && unreadable(e.YAML, r.Scope):
		r.Wrong(n.At("yaml"), typed.Join(path, "yaml"), strconv.Quote(string(e.YAML))+" is no path in YAML",
			"write names with dots between them, and [0] for the first of a list: spec.images[0].tag")
	case e.Commit != "" && slices.ContainsFunc(e.Edits, func(in Edit) bool { return in.Commit != "" }):
		r.Wrong(n, path, "a commit stands in another one", "write the commits one after the other")
	case len(e.Each) > 0 && !strings.Contains(string(e.File), "{each}"):
		r.Wrong(n, path, "file has no place for the words of each", "write {each} where the word belongs")
	}
}

// unreadable says that release/edit could not read a path in YAML. One with names is read when they are filled in.
func unreadable(path typed.Single, in typed.Scope) bool {
	_, err := yaml.PathString("$." + in.Sample(string(path)))
	return err != nil
}
