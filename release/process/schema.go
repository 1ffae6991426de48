package process

import (
	"encoding/json"
	"strings"

	"github.com/invopop/jsonschema"

	"github.com/slipway-dev/slipway/release"
	"github.com/slipway-dev/slipway/release/consent"
)

// Schema is the JSON schema of a repository's release.yaml, for editors. It is looser than Load: it knows the
// fields, and not what they refer to. docs/release.schema.json holds it; a test keeps the two the same.
func Schema() []byte {
	r := jsonschema.Reflector{
		FieldNameTag: "yaml", ExpandedStruct: true, Anonymous: true,
		// A file may override a part of a built-in process, so no field must be there.
		RequiredFromJSONSchemaTags: true,
	}
	s := r.Reflect(file{})
	s.ID = "https://github.com/slipway-dev/slipway/docs/release.schema.json"
	s.Title = "Slipway release process"
	s.Description = "What a repository keeps in .github/release.yaml: the name of a built-in process with what is " +
		"different, or a process of its own."
	data, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		// Only a value that JSON cannot hold gets here, and the schema of a struct has none.
		//nolint:forbidigo // types of our own can be marshalled, or no test passes
		panic("marshal the schema of release.yaml: " + err.Error())
	}
	return append([]byte(strings.TrimSpace(string(data))), '\n')
}

// file is what stands in release.yaml.
type file struct {
	Builtin         string `yaml:"process" jsonschema:"description=The built-in process that this file changes"`
	release.Process `yaml:",inline"`
	Lets            []consent.Grant `yaml:"lets" jsonschema:"description=What other repositories may do here"`
}

// JSONSchemaExtend names the built-in processes.
func (file) JSONSchemaExtend(s *jsonschema.Schema) {
	if named, ok := s.Properties.Get("process"); ok {
		for _, name := range Names() {
			named.Enum = append(named.Enum, name)
		}
	}
}
