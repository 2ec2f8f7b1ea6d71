/** Path values in each example of the API reference, by parameter name. */
export const pathExamples: Readonly<Record<string, string | number>> = {
  creator_id: 'mia',
  session_id: 'live-1',
  comment_id: 'comment-1',
  user_id: 'viewer-1',
  letter_id: 1,
  metric: 'gmv',
  job: 'forget-people',
  kind: 'shopify',
  source_id: '00000000-0000-4000-8000-000000000001',
  rule_id: '00000000-0000-4000-8000-000000000003',
  silence_id: '00000000-0000-4000-8000-000000000004',
  episode_id: '0123456789abcdef0123456789abcdef',
  target_id: '00000000-0000-4000-8000-000000000005',
  delivery_id: '00000000-0000-4000-8000-000000000006',
  id: '00000000-0000-4000-8000-000000000002',
}
