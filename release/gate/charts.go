package gate

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"

	"github.com/slipway-dev/slipway/release"
	"github.com/slipway-dev/slipway/release/consent"
	"github.com/slipway-dev/slipway/release/markdown"
	"github.com/slipway-dev/slipway/release/params"
	"github.com/slipway-dev/slipway/release/repofile"
	"github.com/slipway-dev/slipway/release/step"
)

// chart is a Helm chart at a revision.
type chart struct {
	dir          string
	version, app string
	images       []image
	problem      string
}

// image is an image that a chart names. The tag is empty where it names none.
type image struct{ name, tag string }

// charts reads the charts that the pattern means.
func charts(ctx context.Context, gh step.FileStore, repo, rev, pattern string) ([]chart, error) {
	paths, err := gh.Paths(ctx, repo, rev)
	if err != nil {
		return nil, err
	}
	var out []chart
	for _, p := range paths {
		if hit, _ := path.Match(pattern, p); !hit {
			continue
		}
		c, err := readChart(ctx, gh, repo, rev, path.Dir(p), slices.Contains(paths, path.Dir(p)+"/values.yaml"))
		if err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, nil
}

func readChart(ctx context.Context, gh step.FileStore, repo, rev, dir string, values bool) (chart, error) {
	c := chart{dir: dir}
	content, _, err := gh.File(ctx, repo, dir+"/Chart.yaml", rev)
	if err != nil {
		return c, err
	}
	var head struct {
		Version    string `yaml:"version"`
		AppVersion string `yaml:"appVersion"`
	}
	if c.problem = decode(content, dir+"/Chart.yaml", &head); c.problem != "" {
		return c, nil // a person fixes the chart
	}
	c.version, c.app = head.Version, head.AppVersion
	if !values {
		return c, nil
	}
	if content, _, err = gh.File(ctx, repo, dir+"/values.yaml", rev); err != nil {
		return c, err
	}
	var tree any
	if c.problem = decode(content, dir+"/values.yaml", &tree); c.problem != "" {
		return c, nil // a person fixes the chart
	}
	c.walk(tree, "")
	return c, nil
}

// decode reads a YAML file of a chart; problem says, in a clause, why it cannot be read.
func decode(content []byte, file string, into any) (problem string) {
	if err := repofile.Check(content, repofile.Foreign); err != nil {
		return markdown.Code(file) + " cannot be used: " + markdown.Text(err.Error())
	}
	if err := yaml.Unmarshal(content, into); err != nil {
		return markdown.Code(file) + " is not valid YAML"
	}
	return ""
}

// settings stand beside images and are none: images: {repository: registry/, pullPolicy: IfNotPresent, tags: {...}}.
var settings = []string{"repository", "registry", "tag", "digest", "pullPolicy", "imagePullPolicy", "pullSecrets",
	"imagePullSecrets"}

// walk finds images: a mapping with repository and tag, of which no tag means the chart's appVersion, and a text below
// image or images, such as registry/name:1.2.3.
func (c *chart) walk(node any, key string) {
	switch n := node.(type) {
	case map[string]any:
		tag, tagged := n["tag"]
		if name, ok := n["repository"].(string); ok && (tagged || key == "image") {
			text := strings.TrimSpace(fmt.Sprint(tag))
			if tag == nil || text == "" {
				text = c.app
			}
			c.images = append(c.images, image{name, text})
		}
		for _, k := range slices.Sorted(maps.Keys(n)) {
			inner := k
			if key == "images" {
				if slices.Contains(settings, k) {
					continue
				}
				inner = "images" // images: {tags: {...}} names them one below
			}
			c.walk(n[k], inner)
		}
	case []any:
		for _, one := range n {
			c.walk(one, key)
		}
	case string:
		if (key == "image" || key == "images") && n != "" {
			c.images = append(c.images, reference(n))
		}
	}
}

// reference splits registry:5000/name:tag. A digest is a tag that never moves.
func reference(text string) image {
	if name, digest, pinned := strings.Cut(text, "@"); pinned {
		return image{name, "@" + digest}
	}
	slash := strings.LastIndex(text, "/")
	if colon := strings.LastIndex(text, ":"); colon > slash {
		return image{text[:colon], text[colon+1:]}
	}
	return image{text, ""}
}

var digest = regexp.MustCompile(`^@sha256:[0-9a-f]{64}$`)

// chartImages wants every image of every chart to have the tag of a release, which exists where the component is made
// (Aether release process: "Helm charts use only SemVer tagged images").
type chartImages struct {
	gh interface {
		step.FileStore
		step.RefReader
	}
	params.ChartImages
}

func (k chartImages) Check(ctx context.Context, in Input) (release.Verdict, error) {
	rule := "every image in the charts is a released version"
	released, err := regexp.Compile(k.Tags)
	if err != nil {
		return release.Verdict{}, fmt.Errorf("parameter tags: %w", err)
	}
	all, err := charts(ctx, k.gh, in.Repo, k.SHA, k.Charts)
	if err != nil {
		return release.Verdict{}, err
	}
	var wrong []string
	var closed *step.NotAsked
	n := 0
	for _, c := range all {
		if c.problem != "" {
			wrong = append(wrong, c.problem)
		}
		for _, im := range c.images {
			n++
			what, err := k.check(ctx, in, released, im)
			if not, is := errors.AsType[*step.NotAsked](err); is {
				closed, what, err = not, "cannot be looked up: "+markdown.Text(not.Why), nil
			}
			if err != nil {
				return release.Verdict{}, err
			} else if what != "" {
				wrong = append(wrong, fmt.Sprintf("%s: %s %s", markdown.Code(c.dir), markdown.Code(im.name), what))
			}
		}
	}
	switch {
	case closed != nil:
		return release.Refuse(rule, strings.Join(wrong, "; "), operator, allow(closed)), nil
	case len(wrong) > 0:
		return release.Refuse(rule, strings.Join(wrong, "; "), "the maintainers of the charts", inChart()), nil
	}
	return release.Hold(rule, fmt.Sprintf("%s in %s", release.Count(n, "image"), release.Count(len(all), "chart"))), nil
}

// check says what is wrong with an image.
func (k chartImages) check(ctx context.Context, in Input, released *regexp.Regexp, im image) (string, error) {
	tag := markdown.Code(im.tag)
	switch {
	case im.tag == "":
		return "has no tag", nil
	case digest.MatchString(im.tag):
		return "", nil
	case !released.MatchString(im.tag):
		return "has the tag " + tag + ", which is not a release", nil
	}
	if missing, err := k.component(ctx, in, im); err != nil || missing != "" {
		return missing, err
	}
	if in.Images == nil || k.NoRegistry {
		return "", nil
	}
	_, found, err := in.Images.Image(ctx, im.reference())
	_, closed := errors.AsType[*step.NotAsked](err)
	switch {
	case ctx.Err() != nil:
		return "", ctx.Err()
	case closed:
		return "", err
	case err != nil:
		return "has the tag " + tag + ", and " + step.Unanswered(err), nil
	case !found:
		return "has the tag " + tag + ", which is not in its registry", nil
	}
	return "", nil
}

func (k chartImages) Elsewhere() []consent.Use {
	var out []consent.Use
	for _, c := range k.Components {
		out = append(out, consent.Use{Repo: c.Repo, Releases: true})
	}
	return out
}

// component looks for the release of the repository that makes the image, where it is named.
func (k chartImages) component(ctx context.Context, in Input, im image) (string, error) {
	for _, c := range k.Components {
		if c.Image != path.Base(im.name) {
			continue
		}
		number := strings.TrimLeft(strings.TrimPrefix(im.tag, "rel-"), "v")
		for _, name := range []string{im.tag, "v" + number, number} {
			if _, found, err := k.gh.Tag(ctx, c.Repo, name); err != nil || found {
				return "", err
			}
		}
		return "has the tag " + markdown.Code(im.tag) + ", and " + c.Repo + " has no such release", nil
	}
	return "", nil
}

// reference is the whole name: images without a registry are those of Docker Hub.
func (im image) reference() string {
	first, _, nested := strings.Cut(im.name, "/")
	switch {
	case !nested:
		return "docker.io/library/" + im.name + ":" + im.tag
	case !strings.ContainsAny(first, ".:") && first != "localhost":
		return "docker.io/" + im.name + ":" + im.tag
	}
	return im.name + ":" + im.tag
}

// chartVersions wants no two contents of a chart under one version, on any release branch, on the default one, or in
// what was released before: charts are fetched by their version.
type chartVersions struct {
	gh interface {
		step.FileStore
		step.RefReader
	}
	params.ChartVersions
}

func (k chartVersions) Check(ctx context.Context, in Input) (release.Verdict, error) {
	rule := "each chart version has the same content everywhere"
	ours, err := charts(ctx, k.gh, in.Repo, k.SHA, k.Charts)
	if err != nil {
		return release.Verdict{}, err
	}
	branches, err := k.gh.Branches(ctx, in.Repo, k.Branches)
	if err != nil {
		return release.Verdict{}, err
	}
	released, err := k.newest(ctx, in)
	if err != nil {
		return release.Verdict{}, err
	}
	branches = append(branches, in.Release.Started.DefaultBranch)
	plain := regexp.MustCompile(`^\d+\.\d+\.\d+$`)
	var wrong []string
	for _, c := range ours {
		if c.problem != "" {
			wrong = append(wrong, c.problem)
			continue
		}
		if !plain.MatchString(c.version) {
			wrong = append(wrong, fmt.Sprintf("%s has the version %s, which is not of the form MAJOR.MINOR.PATCH",
				markdown.Code(c.dir), markdown.Code(c.version)))
			continue
		}
		tree, _, err := k.gh.Subtree(ctx, in.Repo, k.SHA, c.dir)
		if err != nil {
			return release.Verdict{}, err
		}
		for _, b := range slices.Concat(branches, released) {
			theirs, there, err := k.gh.Subtree(ctx, in.Repo, b, c.dir)
			if err != nil {
				return release.Verdict{}, err
			}
			if !there || theirs == tree {
				continue
			}
			other, err := readChart(ctx, k.gh, in.Repo, b, c.dir, false)
			if err != nil {
				return release.Verdict{}, err
			}
			if other.version == c.version {
				where := "on " + markdown.Code(b)
				if slices.Contains(released, b) {
					where = "in " + b
				}
				wrong = append(wrong, fmt.Sprintf("%s %s has different content %s", markdown.Code(c.dir), c.version,
					where))
				break // one is enough: all want another number
			}
		}
	}
	if len(wrong) > 0 {
		return release.Refuse(rule, strings.Join(wrong, "; "), "the maintainers of the charts",
			"raise the version of the chart"), nil
	}
	return release.Hold(rule, release.Count(len(ours), "chart")), nil
}

// newest are the tags of the last release of each line. The versions of a chart only rise on a line, so those before it
// had others.
func (k chartVersions) newest(ctx context.Context, in Input) ([]string, error) {
	all, _, err := tags(ctx, k.gh, in)
	if err != nil {
		return nil, err
	}
	last := map[string]release.Version{}
	for _, v := range all {
		line := fmt.Sprintf("%d.%d", v.Major, v.Minor)
		if top, found := last[line]; v.Final() && (!found || release.Compare(v, top) > 0) {
			last[line] = v
		}
	}
	var out []string
	for _, v := range last {
		out = append(out, v.String())
	}
	slices.Sort(out)
	return out, nil
}
