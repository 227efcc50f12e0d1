// Reads what `ecr-mirror pull-config` makes with the code of those who are to read it, and writes what they understood, as
// JSON. What they refuse is an error. Usage: pull-config-consumers READER ARGUMENT…
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
)

// A reader is told files or names, and says what was understood of them.
type reader struct {
	arguments string
	read      func(arguments []string) (any, error)
}

var readers = map[string]reader{
	"containerd":  {"CERTS.D REGISTRY", containerd},
	"resolve":     {"CERTS.D IMAGE REGISTRY-URL", resolve},
	"registries":  {"REGISTRIES.CONF IMAGE", registries},
	"mirror-sets": {"MIRROR-SETS IMAGE", mirrorSets},
	"resource":    {"MANIFESTS DEFINITIONS", resource},
	"kustomize":   {"FOLDER", kustomize},
	"docker":      {"CONFIG.JSON HOST", docker},
	"user-data":   {"USER-DATA DEFINITIONS", userData},
	"junit":       {"JUNIT.XML", junit},
}

func main() {
	understood, err := run(os.Args[1:])
	if err == nil {
		err = json.NewEncoder(os.Stdout).Encode(understood)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(arguments []string) (any, error) {
	if len(arguments) == 0 {
		return nil, fmt.Errorf("got no reader; READER ARGUMENT… would do")
	}
	found, ok := readers[arguments[0]]
	if !ok {
		return nil, fmt.Errorf("got %q; a reader would do", arguments[0])
	}
	if len(arguments)-1 != len(strings.Fields(found.arguments)) {
		return nil, fmt.Errorf("%s: got %d arguments; %s would do", arguments[0], len(arguments)-1, found.arguments)
	}
	return found.read(arguments[1:])
}
