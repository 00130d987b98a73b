# Ends the parts of a local run when the program that started them is gone, however it went.
# Standard input: "add GROUP" and "del GROUP" lines; its end is the signal. The newest group is ended first.
# "now 0" says that there is to be no patience.
groups=
patience=100
while read -r word id; do
  case $word in
    add) groups="$id $groups" ;;
    del)
      kept=
      for group in $groups; do [ "$group" = "$id" ] || kept="$kept $group"; done
      groups=$kept
      ;;
    now) patience=0 ;;
  esac
done
for group in $groups; do
  kill -s TERM -- "-$group" 2>/dev/null || continue
  turns=0
  while [ $turns -lt $patience ] && kill -s 0 -- "-$group" 2>/dev/null; do
    sleep 0.1
    turns=$((turns + 1))
  done
  kill -s KILL -- "-$group" 2>/dev/null
done
exit 0
