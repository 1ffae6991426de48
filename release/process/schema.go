package process

import (
	"encoding/json"
	"reflect"

	"github.com/slipway-dev/slipway/release/kind"
	"github.com/slipway-dev/slipway/release/typed"
)

// Schema is the JSON schema of a repository's release.yaml, for editors, made of the types that read it.
// docs/release.schema.json holds it; a test keeps the two the same.
func Schema() ([]byte, error) {
	whole, part := file(true), file(false)
	whole["required"] = []string{"name", "versions", "roles", "may", "tracks", "phases"}
	part["required"] = []string{"process"}
	return json.MarshalIndent(map[string]any{
		"$schema": "https://json-schema.org/draft/2020-12/schema",
		"$id":     "https://github.com/slipway-dev/slipway/docs/release.schema.json",
		"title":   "Slipway release process",
		"description": "What a repository keeps in .github/release.yaml: the name of a built-in process with what is " +
			"different, or a process of its own.",
		"type": "object", "$defs": map[string]any{"edit": kind.EditSchema()},
		"if": map[string]any{"required": []string{"process"}}, "then": part, "else": whole,
	}, "", "  ")
}

// file is the schema of a whole process, or of one that is laid over a built-in one.
func file(whole bool) map[string]any {
	out := typed.Schema(reflect.TypeFor[document](), whole)
	fields := out["properties"].(map[string]any)
	named := fields["process"].(map[string]any)
	named["enum"] = Names()
	edits := typed.Schema(reflect.TypeFor[[]kind.Edit](), whole)
	fields["edits"] = map[string]any{"type": "object", "additionalProperties": edits}
	fields["picked"] = edits
	kinds := map[string]any{}
	for _, row := range kind.Steps() {
		kinds[row.Name] = typed.Schema(reflect.TypeOf(row.Params), false)
	}
	fields["defaults"] = map[string]any{"type": "object", "properties": kinds, "additionalProperties": false}
	phase := fields["phases"].(map[string]any)["items"].(map[string]any)["properties"].(map[string]any)
	phase["pin"] = map[string]any{"type": "object",
		"additionalProperties": typed.Schema(reflect.TypeFor[kind.Pin](), true)}
	phase["require"] = map[string]any{"type": "array", "minItems": 1, "items": kind.Schema(kind.Gates(), whole, "title")}
	phase["do"] = map[string]any{"type": "array", "minItems": 1, "items": kind.Schema(kind.Steps(), whole, "warn")}
	return out
}
