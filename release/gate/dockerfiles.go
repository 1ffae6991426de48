package gate

import (
	"context"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/slipway-dev/slipway/release"
	"github.com/slipway-dev/slipway/release/markdown"
	"github.com/slipway-dev/slipway/release/params"
	"github.com/slipway-dev/slipway/release/step"
)

// baseImages wants every image that the Dockerfiles of a commit begin with to have a version, so that a released
// version is built of the same tomorrow (opencord/ci-management, tag-check.sh, which asks for it when VERSION is that
// of a release).
type baseImages struct {
	gh step.FileStore
	params.BaseImages
}

func (k baseImages) Check(ctx context.Context, in Input) (release.Verdict, error) {
	rule := "the base images of Dockerfiles have a version"
	paths, err := k.gh.Paths(ctx, in.Repo, k.SHA)
	if err != nil {
		return release.Verdict{}, err
	}
	var wrong []string
	n := 0
	for _, p := range paths {
		if name := path.Base(p); name != "Dockerfile" && !strings.HasPrefix(name, "Dockerfile.") &&
			path.Ext(name) != ".Dockerfile" {
			continue
		}
		content, _, err := k.gh.File(ctx, in.Repo, p, k.SHA)
		if err != nil {
			return release.Verdict{}, err
		}
		for _, base := range bases(string(content)) {
			if n++; !versioned(base) {
				wrong = append(wrong, markdown.Code(p)+": "+markdown.Code("FROM "+base))
			}
		}
	}
	if len(wrong) > 0 {
		return release.Refuse(rule, strings.Join(wrong, "; "), "the maintainers of the Dockerfiles",
			"use a version, such as `FROM golang:1.26.5`, or a digest"), nil
	}
	return release.Hold(rule, release.Count(n, "image")), nil
}

var (
	argument = regexp.MustCompile(`\$(?:\{(\w+)(?::?-([^}]*))?\}|(\w+))`)
	dotted   = regexp.MustCompile(`\d\.\d`)
)

// bases are the images of the FROM lines, without the stages that the file itself names, and with the values that its
// ARG lines give: the script of upstream knows neither, and takes a stage for an image without a tag.
func bases(text string) []string {
	args, stages := map[string]string{}, []string{}
	var out []string
	for l := range strings.Lines(strings.ReplaceAll(text, "\\\n", " ")) {
		words := strings.Fields(l)
		if len(words) < 2 {
			continue
		}
		switch strings.ToUpper(words[0]) {
		case "ARG":
			name, value, _ := strings.Cut(words[1], "=")
			args[name] = strings.Trim(value, `"'`)
		case "FROM":
			words = slices.DeleteFunc(words[1:], func(w string) bool { return strings.HasPrefix(w, "--") })
			if len(words) == 0 {
				continue
			}
			base := argument.ReplaceAllStringFunc(words[0], func(m string) string {
				found := argument.FindStringSubmatch(m)
				if value := args[found[1]+found[3]]; value != "" {
					return value
				}
				return found[2]
			})
			if base == "" {
				base = words[0] // what only the one who builds knows
			}
			if !slices.Contains(stages, strings.ToLower(base)) {
				out = append(out, base)
			}
			if len(words) == 3 && strings.EqualFold(words[1], "AS") {
				stages = append(stages, strings.ToLower(words[2]))
			}
		}
	}
	return out
}

// versioned says that an image is always the same one, as far as its name tells: a tag with a number of two parts, a
// digest, nothing at all, or the one image that has no versions.
func versioned(base string) bool {
	if base == "scratch" || base == "gcr.io/distroless/static:nonroot" {
		return true
	}
	im := reference(base)
	return digest.MatchString(im.tag) || dotted.MatchString(im.tag)
}
