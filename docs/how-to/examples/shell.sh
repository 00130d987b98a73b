# What the commands of docs/ use beside curl: `. docs/how-to/examples/shell.sh`, from the top of the repository.

# One field of the JSON that comes in: `curl … | field description.token`.
field() {
    python3 -c '
import json, sys
value = json.load(sys.stdin)
for name in sys.argv[1].split("."):
    value = value[int(name)] if name.isdigit() else value[name]
print(value)' "$1"
}

# Runs a command each second until its answer contains a text, for two minutes: `until_says '"conectado"' curl …`.
until_says() {
    wanted=$1
    shift
    for _ in $(seq 120); do
        answer=$("$@" || true)
        case $answer in
        *"$wanted"*)
            printf '%s\n' "$answer"
            return 0
            ;;
        esac
        sleep 1
    done
    printf 'no %s in: %s\n' "$wanted" "$answer" >&2
    return 1
}
