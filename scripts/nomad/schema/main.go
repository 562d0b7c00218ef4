// Prints every structure that a Nomad job is made of, as JSON: Go names, job specification names, kinds.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/nomad/api"
)

type field struct {
	Name  string `json:"name"`
	HCL   string `json:"hcl,omitempty"`
	Kind  string `json:"kind"`
	Block bool   `json:"block,omitempty"`
}

var structs = map[string][]field{}

func kind(t reflect.Type) string {
	switch {
	case t.Kind() == reflect.Pointer:
		return kind(t.Elem())
	case t == reflect.TypeOf(time.Duration(0)):
		return "duration"
	case t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Uint8:
		return "bytes"
	case t.Kind() == reflect.Slice:
		return "list<" + kind(t.Elem()) + ">"
	case t.Kind() == reflect.Map:
		return "map<" + kind(t.Elem()) + ">"
	case t.Kind() == reflect.Struct:
		visit(t)
		return "struct:" + t.Name()
	case t.Kind() == reflect.String:
		return "string"
	case t.Kind() == reflect.Bool:
		return "bool"
	case t.Kind() == reflect.Interface:
		return "any"
	case t.Kind() >= reflect.Int && t.Kind() <= reflect.Uint64:
		return "int"
	}
	panic(fmt.Sprintf("a %s has no kind", t))
}

func visit(t reflect.Type) {
	if _, seen := structs[t.Name()]; seen {
		return
	}
	structs[t.Name()] = nil
	var fields []field
	for i := 0; i < t.NumField(); i++ {
		f := t.Field(i)
		// ExtraKeysHCL is the parser's own memory, not a part of the job.
		if !f.IsExported() || f.Name == "ExtraKeysHCL" {
			continue
		}
		name, options, _ := strings.Cut(f.Tag.Get("hcl"), ",")
		if name == "-" {
			name = ""
		}
		fields = append(fields, field{f.Name, name, kind(f.Type), strings.Contains(options, "block")})
	}
	slices.SortFunc(fields, func(a, b field) int { return strings.Compare(a.Name, b.Name) })
	structs[t.Name()] = fields
}

func main() {
	visit(reflect.TypeOf(api.Job{}))
	out := json.NewEncoder(os.Stdout)
	out.SetIndent("", " ")
	if err := out.Encode(structs); err != nil {
		panic(err)
	}
}
