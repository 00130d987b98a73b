curl -X GET "https://SEU_HOST/api/v2/reports/sends?from_number=5511999999999&init_time=01/01/2024&end_time=31/12/2024" \
  -H "Authorization: Bearer <JWT>"
