package typed

import (
	"fmt"
	"reflect"
	"regexp"
)

var sha = regexp.MustCompile(`^[0-9a-f]{40}$`)

// Expand is a copy of the value in which fill was applied to each Text and what is one. A Commit that is no full SHA
// then is an error: a half-filled name must never reach GitHub.
func Expand[T any](v T, fill func(string) (string, error)) (T, error) {
	out := reflect.New(reflect.TypeFor[T]()).Elem()
	err := expand(reflect.ValueOf(&v).Elem(), out, fill)
	return out.Interface().(T), err
}

func expand(from, into reflect.Value, fill func(string) (string, error)) error {
	switch from.Kind() {
	case reflect.Interface:
		if from.IsNil() {
			return nil
		}
		made := reflect.New(from.Elem().Type()).Elem()
		if err := expand(from.Elem(), made, fill); err != nil {
			return err
		}
		into.Set(made)
	case reflect.Pointer:
		if from.IsNil() {
			return nil
		}
		into.Set(reflect.New(from.Type().Elem()))
		return expand(from.Elem(), into.Elem(), fill)
	case reflect.Struct:
		for i := range from.NumField() {
			if !from.Type().Field(i).IsExported() {
				continue
			}
			if err := expand(from.Field(i), into.Field(i), fill); err != nil {
				return err
			}
		}
	case reflect.Slice:
		if from.IsNil() {
			return nil
		}
		into.Set(reflect.MakeSlice(from.Type(), from.Len(), from.Len()))
		for i := range from.Len() {
			if err := expand(from.Index(i), into.Index(i), fill); err != nil {
				return err
			}
		}
	case reflect.String:
		return expandText(from, into, fill)
	default:
		into.Set(from)
	}
	return nil
}

func expandText(from, into reflect.Value, fill func(string) (string, error)) error {
	text := from.String()
	switch from.Type() {
	case reflect.TypeFor[Text](), reflect.TypeFor[Commit](), reflect.TypeFor[Repo](), reflect.TypeFor[Raw](),
		reflect.TypeFor[Ref](), reflect.TypeFor[Path](), reflect.TypeFor[Glob](), reflect.TypeFor[Single]():
		if text == "" {
			break
		}
		filled, err := fill(text)
		if err != nil {
			return err
		}
		if from.Type() == reflect.TypeFor[Commit]() && !sha.MatchString(filled) {
			return fmt.Errorf("%s is %q, which is not the full SHA of a commit", text, filled)
		}
		text = filled
	}
	into.SetString(text)
	return nil
}
