// Package params says what each kind of step and of gate takes: one type each, with its values. A process file is
// decoded into them when it is read, and so is the process that a log has pinned; nothing behind the loader reads a
// parameter by its name. A field with the tag must has to have a value once its template is filled in.
package params

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
)

// Any are the parameters of one kind of step or of gate. The dynamic type is a struct of this package.
type Any interface {
	// Kind is the name of the kind: create-tag.
	Kind() string
}

// Decode reads the parameters of a kind. The error names a kind that this Slipway does not know, a parameter that the
// kind does not have, or a value of another type than it takes: a log that another version has written.
func Decode(kind string, data []byte) (Any, error) {
	all := All()
	i := slices.IndexFunc(all, func(p Any) bool { return p.Kind() == kind })
	if i < 0 {
		return nil, fmt.Errorf("this Slipway knows no kind %q", kind)
	}
	made := reflect.New(reflect.TypeOf(all[i]))
	if len(data) > 0 {
		strict := json.NewDecoder(bytes.NewReader(data))
		strict.DisallowUnknownFields() // what it would leave out may be what keeps something from being done
		if err := strict.Decode(made.Interface()); err != nil {
			return nil, fmt.Errorf("read the parameters of %s: %w", kind, err)
		}
	}
	p, _ := made.Elem().Interface().(Any)
	return p, nil
}

// Fill is a copy in which fill was applied to each text: it replaces the {names} of a template by their values.
func Fill(p Any, fill func(string) (string, error)) (Any, error) {
	out := reflect.New(reflect.TypeOf(p)).Elem()
	if err := filled(reflect.ValueOf(p), out, fill); err != nil {
		return nil, err
	}
	p, _ = out.Interface().(Any)
	return p, nil
}

func filled(from, into reflect.Value, fill func(string) (string, error)) error {
	switch from.Kind() {
	case reflect.Struct:
		for i := range from.NumField() {
			if err := filled(from.Field(i), into.Field(i), fill); err != nil {
				return fmt.Errorf("%s: %w", from.Type().Field(i).Name, err)
			}
		}
	case reflect.Slice:
		if from.IsNil() {
			return nil
		}
		into.Set(reflect.MakeSlice(from.Type(), from.Len(), from.Len()))
		for i := range from.Len() {
			if err := filled(from.Index(i), into.Index(i), fill); err != nil {
				return err
			}
		}
	case reflect.String:
		text, err := fill(from.String())
		into.SetString(text)
		return err
	default:
		into.Set(from)
	}
	return nil
}

// All are the parameters of every kind, empty: the steps, then the gates.
func All() []Any {
	return []Any{
		CreateMilestone{}, RenameMilestone{}, CloseMilestone{}, RollMilestone{}, UnrollMilestone{}, CreateBranch{},
		ProtectBranch{}, LockBranch{}, UnlockBranch{}, ExemptPull{}, CherryPick{}, CreateTag{}, WaitTag{},
		DraftRelease{}, PublishRelease{}, CreateRelease{}, TagModules{}, WaitPublished{}, WaitImages{}, OpenPull{},
		WaitPull{}, WaitWorkflow{}, RunWorkflow{}, DeleteDraft{}, VerifyRelease{}, Announce{}, Manual{},
		VersionFollows{}, TagFree{}, Team{}, Approvals{}, ChecksGreen{}, NoOpenBlockers{}, MilestoneClear{}, Ported{},
		Milestoned{}, VersionsRise{}, CandidateExists{}, CandidateNew{}, CandidateCurrent{}, Date{}, ChartImages{},
		ChartVersions{}, BaseImages{}, PickDeadline{}, PicksApproved{}, LineClear{}, DriverVersion{}, MilestoneNamed{},
		ModuleTags{}, Images{}, NoOthers{}, Files{}, TaggedFiles{}, FilesBelow{}, WorkflowGreen{}, RunOver{},
		Unpublished{}, NoRelease{}, BranchLocked{}, ReleaseExists{},
	}
}

// Edits are those of a gate or step that looks at or writes files, as release/edit reads them, and the repository of
// the files, empty for that which is released.
func Edits(p Any) (repo, edits string) {
	switch p := p.(type) {
	case OpenPull:
		return p.Repo, p.Edits
	case WaitPull:
		return p.Repo, p.Edits
	case Files:
		return p.Repo, p.Edits
	case TaggedFiles:
		return "", p.Edits
	case FilesBelow:
		return "", p.Edits
	case NoOthers:
		return "", p.Edits
	}
	return "", ""
}

// Lacking are the parameters that a kind cannot do without and that have no value.
func Lacking(p Any) []string {
	var out []string
	v := reflect.ValueOf(p)
	for i := range v.NumField() {
		if f := v.Type().Field(i); f.Tag.Get("must") != "" && v.Field(i).IsZero() {
			out = append(out, f.Name)
		}
	}
	return out
}

// A Set are the parameters of one kind, as a log and a plan write them: {"create-tag": {"tag": "0.21.0"}}. The zero
// value is none at all.
type Set struct{ Any }

// Kind is the name of the kind, empty for none.
func (s Set) Kind() string {
	if s.Any == nil {
		return ""
	}
	return s.Any.Kind()
}

// Fill is Fill of what it holds.
func (s Set) Fill(fill func(string) (string, error)) (Set, error) {
	if s.Any == nil {
		return s, nil
	}
	made, err := Fill(s.Any, fill)
	return Set{made}, err
}

// MarshalJSON writes the kind and its parameters.
func (s Set) MarshalJSON() ([]byte, error) {
	if s.Any == nil {
		return []byte("null"), nil
	}
	return json.Marshal(map[string]any{s.Kind(): s.Any})
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (s *Set) UnmarshalJSON(data []byte) error {
	var one map[string]json.RawMessage
	if err := json.Unmarshal(data, &one); err != nil {
		return err
	}
	if len(one) > 1 {
		return fmt.Errorf("%d kinds where one belongs", len(one))
	}
	for kind, raw := range one {
		made, err := Decode(kind, raw)
		if err != nil {
			return err
		}
		s.Any = made
	}
	return nil
}
