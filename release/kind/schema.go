package kind

import (
	"reflect"

	"github.com/slipway-dev/slipway/release/typed"
)

// Schema is the JSON schema of an entry: one object with all kinds as properties, of which exactly one is there. A
// misspelt field is then one error, and not one for each kind. Fields of without have no meaning beside these kinds.
func Schema(rows []Row, whole bool, without ...string) map[string]any {
	fields := typed.Schema(reflect.TypeFor[beside](), whole)["properties"].(map[string]any)
	if whole {
		without = append(without, "replace", "remove", "reason") // there is nothing to replace
	}
	for _, name := range without {
		delete(fields, name)
	}
	var alone []string
	var one []any
	for _, row := range rows {
		params := typed.Schema(reflect.TypeOf(row.Params), whole)
		params["description"] = row.About
		if row.Alone {
			alone = append(alone, row.Name)
			params = map[string]any{"anyOf": []any{params, map[string]any{"type": "null"}}, "description": row.About}
		}
		fields[row.Name] = params
		one = append(one, map[string]any{"required": []string{row.Name}})
	}
	object := map[string]any{"type": "object", "properties": fields, "additionalProperties": false}
	if whole {
		object["oneOf"] = one
	}
	return map[string]any{"anyOf": []any{map[string]any{"type": "string", "enum": alone}, object}}
}
